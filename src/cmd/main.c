#include "cmd.h"

#include <straylight/sandbox.h>

/* Every command; in the order of `straylight help`. */
static const struct command *const commands[] = {
	&cmd_init,
	&cmd_build,
	&cmd_run,
	&cmd_test,
	&cmd_shell,
	&cmd_query_targets,
	&cmd_query_deps,
	&cmd_query_rdeps,
	&cmd_query_path,
	&cmd_query_actions,
	&cmd_query_owner,
	&cmd_query_outputs,
	&cmd_why,
	&cmd_lint,
	&cmd_toolchain_list,
	&cmd_toolchain_capture,
	&cmd_toolchain_verify,
	&cmd_toolchain_update,
	&cmd_clean,
	&cmd_gc,
	&cmd_dhall_eval,
	&cmd_dhall_type,
	&cmd_dhall_hash,
	&cmd_dhall_resolve,
	&cmd_dhall_diff,
	&cmd_dhall_encode,
	&cmd_dhall_decode,
	&cmd_dhall_to_json,
	&cmd_dhall_to_yaml,
	&cmd_dhall_json_to_dhall,
	&cmd_dhall_yaml_to_dhall,
	&cmd_dhall_to_nix,
	&cmd_dhall_format,
	&cmd_dhall_lint,
	&cmd_dhall_freeze,
	&cmd_dhall_rewrite_with_schemas,
	&cmd_dhall_tags,
	&cmd_dhall_package,
	&cmd_dhall_repl,
	&cmd_dhall_lsp,
	&cmd_nix_eval,
	&cmd_nix_instantiate,
	&cmd_nix_realise,
	&cmd_nix_hash,
	&cmd_nix_dump,
	&cmd_nix_restore,
	&cmd_drv_show,
	&cmd_drv_hash,
	&cmd_doctor,
	&cmd_completions,
	&cmd_version,
	&cmd_help,
	NULL,
};

int main(int argc, char **argv)
{
	sandbox_zygote_hook(argc, argv);
	return call_main(commands, argc, argv);
}
