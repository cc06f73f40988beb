// tests/programs/hello.c: the smallest program on crt/: main, and one write. tests/elf.bats holds its size.
#include "arch/sys.h"
#include "crt/process.h"

int main(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)argv;
	(void)envp;
	return sys_write(SYS_STDOUT, "hello\n", 6) == 6 ? 0 : 1;
}
