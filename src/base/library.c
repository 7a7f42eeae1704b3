#include <straylight/base/library.h>

#include <dlfcn.h>
#include <string.h>

bool library_load(const char *file, const struct library_row *rows, size_t n, void *into)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

	for (size_t i = 0; library && i < n; i++) {
		void *address = dlsym(library, rows[i].name);

		if (!address)
			return false;
		memcpy((char *)into + rows[i].at, &address, sizeof address);
	}
	return library != NULL;
}
