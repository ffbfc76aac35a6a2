// SPDX-License-Identifier: BSD-2-Clause
/*
 * Completes a guest's tree with what its VCPUs are: the ISA extensions that a guest of this host
 * really has, the paging mode, the timebase. What Corbel itself uses is features.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/tree.h>

#include "cpu_state.h"
#include "csr.h"
#include "features.h"
#include "timer.h"

#define ISA_TEXT_SIZE 1024u

/*
 * Supervisor-level extensions that a guest gets without Corbel doing anything for it, and those
 * whose switch in henvcfg is on. What is neither unprivileged nor here is left out: it needs
 * machine or hypervisor state that guests are not given.
 */
struct isa_condition {
	const char *name;
	uint64_t henvcfg; /* bits that must have been granted */
};

static const struct isa_condition supervisor_extensions[] = {
	{ "svinval", 0 },
	{ "svnapot", 0 },
	{ "svvptc", 0 },
	{ "svade", 0 },
	{ "ssccptr", 0 },
	{ "sscounterenw", 0 },
	{ "ssstrict", 0 },
	{ "sstvala", 0 },
	{ "sstvecd", 0 },
	{ "ssu64xl", 0 },
	{ "sstc", HENVCFG_STCE },
	{ "svadu", HENVCFG_ADUE },
	{ "svpbmt", HENVCFG_PBMTE },
};

static const struct isa_condition gated_extensions[] = {
	{ "zicboz", HENVCFG_CBZE },
	{ "zicbom", HENVCFG_CBCFE },
};

/* Unprivileged by name, but behind a gate that stays shut. */
static const char *const withheld_extensions[] = {
	"zihpm",
	"zkr",
	"zicfilp",
	"zicfiss",
};

static bool condition_find(const struct isa_condition *table, size_t count, const char *name,
			   bool *granted)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(table[i].name, name) != 0)
			continue;
		*granted = (henvcfg_granted() & table[i].henvcfg) == table[i].henvcfg;
		return true;
	}
	return false;
}

static bool extension_is_granted(const char *name)
{
	bool granted = false;

	for (size_t i = 0; i < ARRAY_SIZE(withheld_extensions); i++)
		if (strcmp(withheld_extensions[i], name) == 0)
			return false;
	if (condition_find(gated_extensions, ARRAY_SIZE(gated_extensions), name, &granted))
		return granted;
	if (name[1] == '\0')
		return name[0] == 'v' ? cpu_has(FEATURE_V) : name[0] != 'h';
	if (name[0] == 'z')
		return true;
	if (name[0] == 's')
		condition_find(supervisor_extensions, ARRAY_SIZE(supervisor_extensions), name,
			       &granted);
	return granted;
}

/* The two forms in which trees tell the same. */
struct isa_texts {
	char list[ISA_TEXT_SIZE];   /* riscv,isa-extensions: strings one after the other */
	char string[ISA_TEXT_SIZE]; /* riscv,isa */
	size_t list_length, string_length;
};

static int isa_texts_add(struct isa_texts *texts, const char *name, size_t length)
{
	bool single = length == 1;

	if (texts->list_length + length + 1 > ISA_TEXT_SIZE ||
	    texts->string_length + length + 2 > ISA_TEXT_SIZE)
		return -ENOSPC;
	memcpy(&texts->list[texts->list_length], name, length);
	texts->list_length += length;
	texts->list[texts->list_length++] = '\0';
	if (!single)
		texts->string[texts->string_length++] = '_';
	memcpy(&texts->string[texts->string_length], name, length);
	texts->string_length += length;
	texts->string[texts->string_length] = '\0';
	return 0;
}

/* From a list of names as in riscv,isa-extensions; single letters come first there as here. */
static int isa_texts_from_list(struct isa_texts *texts, const char *list, int length)
{
	for (int at = 0; at < length;) {
		size_t size = strnlen(list + at, (size_t)(length - at));
		int result = 0;

		if (size == (size_t)(length - at))
			return -EINVAL;
		if (size > 0 && extension_is_granted(list + at))
			result = isa_texts_add(texts, list + at, size);
		if (result != 0)
			return result;
		at += (int)size + 1;
	}
	return 0;
}

/* From "rv64imafdch_zicsr_...". */
static int isa_texts_from_string(struct isa_texts *texts, const char *isa)
{
	const char *at = isa + 4;
	char name[32];

	for (; *at != '\0' && *at != '_'; at++) {
		name[0] = *at;
		name[1] = '\0';
		if (extension_is_granted(name) && isa_texts_add(texts, name, 1) != 0)
			return -ENOSPC;
	}
	while (*at == '_') {
		size_t length = 0;

		for (at++; at[length] != '\0' && at[length] != '_'; length++)
			;
		if (length > 1 && length < sizeof(name)) {
			memcpy(name, at, length);
			name[length] = '\0';
			if (extension_is_granted(name) && isa_texts_add(texts, name, length) != 0)
				return -ENOSPC;
		}
		at += length;
	}
	return 0;
}

static int isa_texts_make(struct isa_texts *texts)
{
	const void *host = host_tree();
	int node = cpu_node_next(host, -1);
	const char *list, *isa;
	int length;

	memset(texts, 0, sizeof(*texts));
	texts->string_length = (size_t)snprintf(texts->string, ISA_TEXT_SIZE, "rv64");
	if (node < 0)
		return -ENODEV;
	list = fdt_getprop(host, node, "riscv,isa-extensions", &length);
	if (list != NULL)
		return isa_texts_from_list(texts, list, length);
	isa = tree_string_get(host, node, "riscv,isa");
	if (isa == NULL || strncmp(isa, "rv64", 4) != 0)
		return -EINVAL;
	return isa_texts_from_string(texts, isa);
}

/* Copies a property of the host's first cpu node, if it has it. */
static int property_copy(void *fdt, int node, const char *name)
{
	const void *host = host_tree();
	int length;
	const void *value = fdt_getprop(host, cpu_node_next(host, -1), name, &length);

	return value == NULL ? 0 : fdt_setprop(fdt, node, name, value, length);
}

static int cpu_node_complete(void *fdt, int node, const struct isa_texts *texts)
{
	int result = fdt_setprop_string(fdt, node, "riscv,isa", texts->string);

	if (result == 0)
		result = fdt_setprop_string(fdt, node, "riscv,isa-base", "rv64i");
	if (result == 0)
		result = fdt_setprop(fdt, node, "riscv,isa-extensions", texts->list,
				     (int)texts->list_length);
	if (result == 0)
		result = property_copy(fdt, node, "mmu-type");
	if (result == 0 && extension_is_granted("zicboz"))
		result = property_copy(fdt, node, "riscv,cboz-block-size");
	if (result == 0 && extension_is_granted("zicbom"))
		result = property_copy(fdt, node, "riscv,cbom-block-size");
	return result;
}

static int cpus_complete(void *fdt, const struct isa_texts *texts)
{
	int cpus = fdt_path_offset(fdt, "/cpus");
	int result;

	if (cpus < 0)
		return cpus;
	result = fdt_setprop_u32(fdt, cpus, "timebase-frequency", timer_frequency());
	/* Only properties are added: the node that is being looked at stays where it is. */
	for (int node = cpu_node_next(fdt, -1); result == 0 && node >= 0;
	     node = cpu_node_next(fdt, node))
		result = cpu_node_complete(fdt, node, texts);
	return result;
}

int arch_guest_tree_complete(struct guest *guest, void *fdt, struct error *error)
{
	struct isa_texts *texts = object_alloc(sizeof(*texts));
	int result;

	if (texts == NULL)
		return error_set(error, -ENOMEM, "%s: no memory for the ISA string", guest->name);
	result = isa_texts_make(texts);
	if (result == 0)
		result = tree_error(cpus_complete(fdt, texts));
	object_free(texts);
	if (result != 0)
		return error_set(error, result,
				 "%s: the cpu nodes of the guest's tree cannot be completed: %s",
				 guest->name, error_name(result));
	return 0;
}
