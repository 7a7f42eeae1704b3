#include "like.h"

#define CODE_INVALID_ARGUMENT 3
#define CODE_RESOURCE_EXHAUSTED 8
#define CODE_OUT_OF_RANGE 11
#define CODE_UNIMPLEMENTED 12
#define CODE_INTERNAL 13
#define CODE_DATA_LOSS 15

static const struct like likes[] = {
	{
		.name = "straylight",
		.api_low = 0, .api_high = 12,
		.blake3 = true, .zstd = true, .resume = true,
		.max_batch = 4 << 20, .max_message = (4 << 20) + 65536, .over = CODE_RESOURCE_EXHAUSTED,
		.wrong_instance = CODE_INVALID_ARGUMENT,
		.batch_blake3 = true,
		.write_short = CODE_INVALID_ARGUMENT,
		.past_end = CODE_OUT_OF_RANGE, .chunk = 1 << 20, .empty_message = true,
		.metadata = true,
		.timeout_exit = 137, .timeout_output = true,
		.missing_action = MISSING_DETAILS, .missing_input = MISSING_DETAILS,
		.symlinks = true,
		.cancel = true, .list = true,
	},
	{ /* buildbox-casd 1.4.25 */
		.name = "casd",
		.api_low = 1, .api_high = 12,
		.max_batch = 0, .max_message = 4 << 20, .over = CODE_RESOURCE_EXHAUSTED,
		.wrong_instance = CODE_INVALID_ARGUMENT,
		.write_short = CODE_INVALID_ARGUMENT,
		.past_end = CODE_OUT_OF_RANGE, .chunk = 2 << 20, .empty_message = true,
		.cache_failures = true,
		.timeout_exit = 137, .timeout_output = true,
		.missing_action = MISSING_STATUS, .missing_input = MISSING_STATUS,
		.cancel = true,
	},
	{ /* BuildGrid 0.4.4 */
		.name = "buildgrid",
		.api_low = 0, .api_high = 2,
		.max_batch = 4193280, .max_message = 4 << 20, .over = CODE_RESOURCE_EXHAUSTED,
		.wrong_instance = CODE_INVALID_ARGUMENT,
		.write_short = CODE_UNIMPLEMENTED,
		.offset_and_limit = CODE_DATA_LOSS, .past_end = CODE_INTERNAL, .chunk = 1 << 20, .empty_message = true,
		.metadata = true,
		.cache_failures = true,
		.timeout_exit = 137, .timeout_output = true,
		.missing_action = MISSING_BARE, .missing_input = MISSING_STATUS,
		.cancel = true, .list = true,
	},
	{ /* NativeLink 1.6.6 */
		.name = "nativelink",
		.api_low = 0, .api_high = 3,
		.blake3 = true, .zstd = true, .resume = true,
		.max_batch = 65536, .max_message = 4 << 20, .over = CODE_OUT_OF_RANGE,
		.wrong_instance = CODE_INTERNAL, .open_capabilities = true,
		.batch_size_fails = true,
		.write_short = CODE_INVALID_ARGUMENT,
		.chunk = 64 << 10,
		.metadata = true, .backwards = true,
		.ignore_do_not_cache = true,
		.timeout_exit = 9,
		.absent_program_fails = true,
		.missing_action = MISSING_DETAILS, .missing_input = MISSING_DETAILS,
		.symlinks = true, .symlinks_twice = true,
		.old_outputs = true, .tree_root_twice = true,
	},
};

const struct like *like_find(str name)
{
	for (size_t i = 0; i < SL_COUNT(likes); i++)
		if (str_eq(name, str_c(likes[i].name)))
			return &likes[i];
	return NULL;
}
