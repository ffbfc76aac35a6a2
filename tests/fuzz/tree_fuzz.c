// SPDX-License-Identifier: BSD-2-Clause
/*
 * Guests made from any tree, over the fake port: the tree of a stock guest, edited as the input
 * says, or any bytes. The guest is either refused with a sentence and leaves nothing, or it is
 * whole; then it is started, reset and destroyed. Some allocation on the way may fail.
 *
 *	input	which tree, the allocation that fails, the kernel's header; then edits, or the tree
 */
#include <errno.h>
#include <string.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/object.h>
#include <corbel/page.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <fake.h>
#include <fake_bundle.h>
#include <fake_guest.h>
#include <fake_host_devices.h>
#include <fake_machine.h>

#include "guest_checks.h"
#include "input.h"

#define TREE_SIZE   65536u
#define EDIT_MAX    64u
#define KERNEL_SIZE 300u
/* What is left for guests: how long one takes to be made grows with its RAM. */
#define MEMORY_LEFT MIB(16)
#define RAM_SIZE    MIB(1)

extern const uint8_t tree_virt[], tree_malta[];

static uint64_t tree_buffer[TREE_SIZE / sizeof(uint64_t)];
static uint64_t bases[3][TREE_SIZE / sizeof(uint64_t)];

/* ---- allocations that fail: the linker leads core's calls here ---- */

static unsigned int allocation_count, allocation_failing;

static bool allocation_fails(void)
{
	return ++allocation_count == allocation_failing;
}

void *__real_object_alloc(size_t size);
void *__wrap_object_alloc(size_t size);
void *__wrap_object_alloc(size_t size)
{
	return allocation_fails() ? NULL : __real_object_alloc(size);
}

int __real_page_alloc_zeroed(unsigned int order, enum page_use use, hpa_t *out);
int __wrap_page_alloc_zeroed(unsigned int order, enum page_use use, hpa_t *out);
int __wrap_page_alloc_zeroed(unsigned int order, enum page_use use, hpa_t *out)
{
	return allocation_fails() ? -ENOMEM : __real_page_alloc_zeroed(order, use, out);
}

/* ---- editing ---- */

static int node_choose(void *fdt, struct fuzz_input *input)
{
	unsigned int count = input_byte(input);
	int node = 0;

	while (count-- > 0 && node >= 0)
		node = fdt_next_node(fdt, node, NULL);
	return node >= 0 ? node : 0;
}

/* One of the node's own properties, or of those that there could be; until the next call. */
static const char *property_choose(void *fdt, int node, struct fuzz_input *input)
{
	static char copy[64];
	static const char *const names[] = {
		"reg",
		"compatible",
		"status",
		"device_type",
		"interrupts",
		"interrupts-extended",
		"interrupt-parent",
		"#interrupt-cells",
		"#address-cells",
		"#size-cells",
		"ranges",
		"phandle",
		"riscv,ndev",
		"reg-shift",
		"corbel,name",
		"corbel,priority",
		"corbel,affinity",
		"corbel,on-crash",
		"corbel,kernel",
		"corbel,kernel-address",
		"corbel,initrd",
		"corbel,backend",
		"corbel,file",
		"corbel,address",
		"corbel,pci-host",
		"corbel,passthrough",
		"bootargs",
		"linux,initrd-start",
	};
	unsigned int which = input_byte(input);
	const char *name = NULL;
	int property;

	if (which >= 128)
		return names[which % ARRAY_SIZE(names)];
	fdt_for_each_property_offset(property, fdt, node) {
		(void)fdt_getprop_by_offset(fdt, property, &name, NULL);
		if (which-- == 0)
			break;
	}
	(void)snprintf(copy, sizeof(copy), "%s", name != NULL ? name : "reg");
	return copy;
}

static const char *string_choose(struct fuzz_input *input)
{
	static const char *const strings[] = {
		"cpu",
		"memory",
		"okay",
		"disabled",
		"simple-bus",
		"test,controller",
		"test,device",
		"test,sleeper",
		"ns16550a",
		"sifive,plic-1.0.0",
		"google,goldfish-rtc",
		"sifive,test1",
		"intel,i8259",
		"marvell,pci-gt64120",
		"intel,piix4",
		"intel,i8254",
		"motorola,mc146818",
		"mti,malta-fpga",
		"corbel,open-bus",
		"null",
		"console",
		"/kernel",
		"initrd",
		FAKE_ADDER,
		"restart",
		"destroy",
		"/guest.dtb",
		"",
		"\x1b[2J",
		"/soc/lock@10006000",
		"a\tb",
		"/soc/comb@10020000",
	};

	return strings[input_choose(input, ARRAY_SIZE(strings))];
}

static uint32_t cell_choose(struct fuzz_input *input)
{
	static const uint32_t cells[] = { 0,	      1,	  2,	      0x1000,
					  0x80000000, 0xffffffff, 0xfffff000, 9,
					  0x10000000, 0x100000,	  4,	      40 };
	uint8_t choice = input_byte(input);

	if (choice < 128)
		return cells[choice % ARRAY_SIZE(cells)];
	return choice < 192 ? choice - 128u : (uint32_t)input_take(input, 4);
}

static void property_set(void *fdt, int node, const char *name, struct fuzz_input *input)
{
	uint8_t choice = input_byte(input);
	const char *string;

	if ((choice & 3) == 0) {
		string = string_choose(input);
		(void)fdt_setprop_string(fdt, node, name, string);
		return;
	}
	if ((choice & 3) != 1)
		(void)fdt_setprop(fdt, node, name, NULL, 0);
	for (unsigned int i = 0; i < choice / 16u; i++)
		(void)fdt_appendprop_u32(fdt, node, name, cell_choose(input));
	if ((choice & 0xc) == 0xc)
		(void)fdt_appendprop(fdt, node, name, "x", 1);
}

/* One cell of what is there. */
static void property_patch(void *fdt, int node, const char *name, struct fuzz_input *input)
{
	unsigned int index = input_byte(input);
	uint32_t cell = cpu_to_fdt32(cell_choose(input));
	int size = 0;
	const void *value = fdt_getprop(fdt, node, name, &size);

	if (value != NULL && size >= 4)
		(void)fdt_setprop_inplace_namelen_partial(fdt, node, name, (int)strlen(name),
							  index % ((unsigned int)size / 4) * 4,
							  &cell, 4);
}

static void node_add(void *fdt, int parent, struct fuzz_input *input)
{
	static const char *const names[] = { "a",	    "corbel,files", "cpu@7",	"bus",
					     "device@5000", "memory@0",	    "\x07node", "chosen" };
	uint8_t choice = input_byte(input);
	const char *string = string_choose(input);
	int node = fdt_add_subnode(fdt, parent, names[choice % ARRAY_SIZE(names)]);

	if (node < 0)
		return;
	(void)fdt_setprop_string(fdt, node, (choice & 8) != 0 ? "compatible" : "device_type",
				 string);
	if ((choice & 16) == 0)
		return;
	for (unsigned int i = 0; i < choice / 32u; i++)
		(void)fdt_appendprop_u32(fdt, node, "reg", cell_choose(input));
}

static void edit(void *fdt, struct fuzz_input *input)
{
	uint8_t choice = input_byte(input);
	int node = node_choose(fdt, input);

	switch (choice % 8) {
	case 0:
		(void)fdt_delprop(fdt, node, property_choose(fdt, node, input));
		break;
	case 1:
		node_add(fdt, node, input);
		break;
	case 2:
		if (node != 0)
			(void)fdt_del_node(fdt, node);
		break;
	case 3:
	case 4:
		property_patch(fdt, node, property_choose(fdt, node, input), input);
		break;
	default:
		property_set(fdt, node, property_choose(fdt, node, input), input);
		break;
	}
}

/* Bytes of the finished tree, its header and its structure among them. */
static void patch(void *fdt, size_t size, struct fuzz_input *input)
{
	uint8_t *bytes = fdt;

	for (unsigned int i = input_byte(input) % 8; i > 0; i--) {
		size_t at = input_take(input, 2) % size;

		bytes[at] = input_byte(input);
	}
}

/* The edited tree; the value is its size. */
static size_t tree_make(struct fuzz_input *input, unsigned int base)
{
	void *fdt = tree_buffer;
	unsigned int patches = input_byte(input);
	size_t size;

	memcpy(fdt, bases[base], TREE_SIZE);
	for (unsigned int i = 0; i < EDIT_MAX && input->left > 8; i++)
		edit(fdt, input);
	(void)fdt_pack(fdt);
	size = fdt_totalsize(fdt);
	if (patches % 4 == 0)
		patch(fdt, size, input);
	return size;
}

static void bundle_make(struct fuzz_input *input)
{
	union {
		struct fake_image header;
		uint8_t bytes[KERNEL_SIZE];
	} kernel = { { .magic = FAKE_IMAGE_MAGIC, .alignment = 4096, .memory_size = 8192 } };
	uint8_t which = input_byte(input), header = input_byte(input);

	if ((header & 1) != 0)
		kernel.header.alignment = UINT64_C(1) << (header >> 1 & 63);
	if ((header & 0x80) != 0) {
		kernel.header.offset = input_take(input, 8);
		kernel.header.memory_size = input_take(input, 8);
		kernel.header.entry_offset = input_take(input, 4);
	}
	fake_bundle_begin();
	if (which % 8 == 7)
		fake_bundle_add("guest.dtb", input->bytes, input->left);
	else
		fake_bundle_add("guest.dtb", tree_buffer,
				tree_make(input, which % 8 % ARRAY_SIZE(bases)));
	fake_bundle_add("kernel", &kernel, header == 2 ? 8 : sizeof(kernel));
	fake_bundle_add("initrd", tree_virt, 1000);
	fake_bundle_mount();
}

/* ---- a guest's life ---- */

static void settle(void)
{
	thread_sleep_until(time_now() + 2 * NS_PER_MS);
}

static void guest_live(struct guest *guest)
{
	struct error error = { "" };
	bool asked = guest->on_crash == GUEST_ON_CRASH_DESTROY;
	int result;

	check_guest_memory(guest);
	result = guest_start(guest, &error);
	if (result == 0) {
		settle();
		check_guest_handover(guest);
		result = guest_reset(guest, &error);
	}
	/* It was checked when the guest was made: only memory can be short. */
	FUZZ_CHECK(result == 0 || result == -ENOMEM);
	if (result == 0) {
		settle();
		guest_request(guest, GUEST_REQUEST_CRASH);
		settle();
		FUZZ_CHECK(guest->state == (asked ? GUEST_STOPPED : GUEST_CRASHED));
	} else {
		check_sentence(error.text);
	}
}

static void run(void *argument)
{
	struct fuzz_input *input = argument;
	struct guest *guest = NULL;
	struct error error = { "" };
	unsigned int failing = input_byte(input);
	int result;

	bundle_make(input);
	check_accounts_open();
	allocation_count = 0;
	allocation_failing = failing < 128 ? 0 : failing - 127;
	result = guest_create("/guest.dtb", &guest, &error);
	if (result == 0) {
		guest_live(guest);
		(void)guest_destroy(guest, NULL);
		guest_release(guest);
	} else {
		FUZZ_CHECK(result < 0 && guest == NULL);
		check_sentence(error.text);
	}
	allocation_failing = 0;
	check_accounts_balance();
}

/* ---- */

/* The stock trees with little RAM and with the files that there are. */
static void base_make(unsigned int which, const void *source)
{
	void *fdt = bases[which];
	int node = -1, chosen;

	FUZZ_CHECK(fdt_open_into(source, fdt, TREE_SIZE) == 0);
	while ((node = fdt_next_node(fdt, node, NULL)) >= 0) {
		const char *type = fdt_getprop(fdt, node, "device_type", NULL);
		int size;
		const void *reg = fdt_getprop(fdt, node, "reg", &size);
		uint32_t cell = cpu_to_fdt32((uint32_t)RAM_SIZE);

		if (type != NULL && reg != NULL && strcmp(type, "memory") == 0)
			FUZZ_CHECK(fdt_setprop_inplace_namelen_partial(
					   fdt, node, "reg", 3, (uint32_t)size - 4, &cell, 4) == 0);
	}
	chosen = fdt_path_offset(fdt, "/chosen");
	FUZZ_CHECK(chosen >= 0);
	FUZZ_CHECK(fdt_setprop_string(fdt, chosen, "corbel,kernel", "/kernel") == 0);
	FUZZ_CHECK(fdt_setprop_string(fdt, chosen, "corbel,initrd", "/initrd") == 0);
}

static void memory_take(void)
{
	struct page_statistics statistics;
	hpa_t block;

	page_statistics_get(&statistics);
	while (statistics.free_bytes > MEMORY_LEFT) {
		FUZZ_CHECK(page_alloc(8, PAGE_USE_OTHER, &block) == 0);
		page_statistics_get(&statistics);
	}
}

static void manager_start(void *argument)
{
	(void)argument;
	FUZZ_CHECK(fake_guest_manager_start() == 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	void *fdt = fake_tree_begin();

	(void)argc;
	(void)argv;
	fake_machine_start(2);
	fake_host_devices_init();
	fake_machine_run(manager_start, NULL);
	fake_tree_adder_add(fdt);
	base_make(0, fdt);
	base_make(1, tree_virt);
	base_make(2, tree_malta);
	memory_take();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };

	fake_console_reset();
	fake_machine_run(run, &input);
	return 0;
}
