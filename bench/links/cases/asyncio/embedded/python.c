/* A program that has CPython in a library, as servers that embed it do: python LIBRARY SCRIPT. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	void *library = argc > 2 ? dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL) : NULL;
	int (*run)(int, char **) = library ? (int (*)(int, char **))dlsym(library, "Py_BytesMain") : NULL;

	if (!run) {
		fprintf(stderr, "%s\n", argc > 2 ? dlerror() : "usage: python LIBRARY SCRIPT");
		return 1;
	}
	argv[1] = argv[0];
	return run(argc - 1, argv + 1);
}
