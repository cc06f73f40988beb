// crt/process.c: look-ups in what the kernel handed over.
#include "crt/process.h"

#include <linux/auxvec.h>

unsigned long process_aux(unsigned long type)
{
	for (const struct process_aux *aux = process.auxv; aux->type != AT_NULL; aux++) {
		if (aux->type == type)
			return aux->value;
	}
	return 0;
}

const char *process_env(const char *name)
{
	for (char **variable = process.envp; *variable != nullptr; variable++) {
		size_t i = 0;
		while (name[i] != 0 && (*variable)[i] == name[i])
			i++;
		if (name[i] == 0 && (*variable)[i] == '=')
			return *variable + i + 1;
	}
	return nullptr;
}
