// SPDX-License-Identifier: BSD-2-Clause
/*
 * The fake port's guests: a list of mappings instead of page tables, VCPUs that run a function of
 * the test's. All that is allocated comes from Corbel's allocators, so that leaks are seen.
 */
#include <errno.h>
#include <string.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/panic.h>
#include <corbel/tree.h>
#include <fake_guest.h>

#define IRQ_INPUTS 32u

struct mapping {
	struct list_node node;
	uint64_t gpa;
	uint64_t hpa;
	uint64_t size;
	unsigned int flags;
};

struct fake_guest {
	struct list mappings;
};

void (*fake_vcpu_program)(struct vcpu *vcpu, struct vcpu_exit *exit);
uint64_t fake_gmem_limit = UINT64_C(1) << 40;
int fake_tree_complete_result;

/* ---- guests ---- */

int arch_guest_init(struct guest *guest, struct error *error)
{
	struct fake_guest *fake = object_alloc(sizeof(*fake));

	(void)error;
	if (fake == NULL)
		return -ENOMEM;
	list_init(&fake->mappings);
	guest->arch.data = fake;
	return 0;
}

void arch_guest_destroy(struct guest *guest)
{
	struct fake_guest *fake = guest->arch.data;

	list_for_each_safe(&fake->mappings, node)
		object_free(list_entry(node, struct mapping, node));
	object_free(fake);
	guest->arch.data = NULL;
}

static struct mapping *mapping_find(const struct guest *guest, uint64_t gpa, uint64_t size)
{
	struct fake_guest *fake = guest->arch.data;

	list_for_each(&fake->mappings, node) {
		struct mapping *mapping = list_entry(node, struct mapping, node);

		if (gpa < mapping->gpa + mapping->size && mapping->gpa < gpa + size)
			return mapping;
	}
	return NULL;
}

int arch_gmem_map(struct guest *guest, gpa_t gpa, hpa_t hpa, uint64_t size, unsigned int flags)
{
	struct fake_guest *fake = guest->arch.data;
	struct mapping *mapping;

	ASSERT(IS_ALIGNED(gpa.raw | hpa.raw | size, PAGE_SIZE) && size > 0);
	ASSERT((flags & GMEM_READ) != 0);
	if (gpa.raw + size > fake_gmem_limit)
		return -ERANGE;
	if (mapping_find(guest, gpa.raw, size) != NULL)
		return -EEXIST;
	mapping = object_alloc(sizeof(*mapping));
	if (mapping == NULL)
		return -ENOMEM;
	*mapping = (struct mapping){ .gpa = gpa.raw, .hpa = hpa.raw, .size = size, .flags = flags };
	list_add_last(&fake->mappings, &mapping->node);
	return 0;
}

void arch_gmem_unmap(struct guest *guest, gpa_t gpa, uint64_t size)
{
	struct mapping *mapping;

	while ((mapping = mapping_find(guest, gpa.raw, size)) != NULL) {
		list_remove(&mapping->node);
		object_free(mapping);
	}
}

uint64_t arch_gmem_limit(const struct guest *guest)
{
	(void)guest;
	return fake_gmem_limit;
}

unsigned int fake_gmem_count(const struct guest *guest)
{
	struct fake_guest *fake = guest->arch.data;
	unsigned int count = 0;

	list_for_each(&fake->mappings, node)
		count++;
	return count;
}

uint64_t fake_gmem_translate(const struct guest *guest, gpa_t address)
{
	const struct mapping *mapping = mapping_find(guest, address.raw, 1);

	return mapping != NULL ? mapping->hpa + (address.raw - mapping->gpa) : 0;
}

unsigned int fake_gmem_flags(const struct guest *guest, gpa_t address)
{
	const struct mapping *mapping = mapping_find(guest, address.raw, 1);

	return mapping != NULL ? mapping->flags : 0;
}

int arch_image_inspect(const void *image, size_t size, struct image_placement *out,
		       struct error *error)
{
	struct fake_image header;

	if (size < sizeof(header.magic))
		return -ENOEXEC;
	memcpy(&header, image, MIN(size, sizeof(header)));
	if (header.magic != FAKE_IMAGE_MAGIC)
		return -ENOEXEC;
	if (size < sizeof(header))
		return error_set(error, -EINVAL, "the image is cut short");
	if (header.alignment == 0 || (header.alignment & (header.alignment - 1)) != 0)
		return error_set(error, -EINVAL, "its alignment is no power of two");
	*out = (struct image_placement){ .alignment = header.alignment,
					 .offset = header.offset,
					 .memory_size = header.memory_size,
					 .entry_offset = header.entry_offset };
	return 0;
}

int arch_guest_tree_complete(struct guest *guest, void *fdt, struct error *error)
{
	int cpus = fdt_path_offset(fdt, "/cpus");

	(void)guest;
	if (fake_tree_complete_result != 0)
		return error_set(error, fake_tree_complete_result, "the fake port refuses");
	return cpus < 0 ? tree_error(cpus) :
			  tree_error(fdt_setprop_u32(fdt, cpus, "fake,complete", 1));
}

/* ---- VCPUs ---- */

struct fake_vcpu *fake_vcpu(const struct vcpu *vcpu)
{
	return vcpu->arch.data;
}

int arch_vcpu_init(struct vcpu *vcpu, struct error *error)
{
	(void)error;
	vcpu->arch.data = object_alloc(sizeof(struct fake_vcpu));
	return vcpu->arch.data != NULL ? 0 : -ENOMEM;
}

void arch_vcpu_destroy(struct vcpu *vcpu)
{
	object_free(vcpu->arch.data);
	vcpu->arch.data = NULL;
}

void arch_vcpu_reset(struct vcpu *vcpu, const struct vcpu_start *start)
{
	struct fake_vcpu *fake = fake_vcpu(vcpu);

	__atomic_store_n(&vcpu->arch.irq_levels, 0, __ATOMIC_SEQ_CST);
	fake->reset_count++;
	fake->start = *start;
}

void (*fake_vcpu_switch_hook)(struct vcpu *vcpu, bool load);

void arch_vcpu_save(struct vcpu *vcpu)
{
	if (fake_vcpu_switch_hook != NULL)
		fake_vcpu_switch_hook(vcpu, false);
}

void arch_vcpu_load(struct vcpu *vcpu)
{
	if (fake_vcpu_switch_hook != NULL)
		fake_vcpu_switch_hook(vcpu, true);
}

uint32_t fake_vcpu_interrupts_take(struct vcpu *vcpu)
{
	return __atomic_exchange_n(&vcpu->arch.irq_levels, 0, __ATOMIC_SEQ_CST);
}

void arch_vcpu_run(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	ASSERT(!arch_irq_enabled());
	*exit = (struct vcpu_exit){ .kind = VCPU_EXIT_NONE };
	if (vcpu_must_leave(vcpu))
		return;
	fake_vcpu(vcpu)->run_count++;
	if (fake_vcpu_program != NULL) {
		fake_vcpu_program(vcpu, exit);
		return;
	}
	fake_vcpu_interrupts_take(vcpu);
	exit->kind = VCPU_EXIT_WAIT;
}

void arch_vcpu_mmio_complete(struct vcpu *vcpu, const struct vcpu_exit *exit)
{
	fake_vcpu(vcpu)->complete_count++;
	fake_vcpu(vcpu)->completed = *exit;
}

void arch_vcpu_mmio_fault(struct vcpu *vcpu, const struct vcpu_exit *exit)
{
	(void)exit;
	fake_vcpu(vcpu)->fault_count++;
}

/* A test of a device may have VCPUs that no thread runs. */
int arch_vcpu_irq_set(struct vcpu *vcpu, unsigned int input, bool level)
{
	if (input >= IRQ_INPUTS)
		return -EINVAL;
	if (level)
		__atomic_fetch_or(&vcpu->arch.irq_levels, 1u << input, __ATOMIC_SEQ_CST);
	else
		__atomic_fetch_and(&vcpu->arch.irq_levels, ~(1u << input), __ATOMIC_SEQ_CST);
	if (level && vcpu->thread != NULL)
		vcpu_kick(vcpu);
	return 0;
}

bool arch_vcpu_irq_pending(struct vcpu *vcpu)
{
	return __atomic_load_n(&vcpu->arch.irq_levels, __ATOMIC_SEQ_CST) != 0;
}

void arch_vcpu_wait_begin(struct vcpu *vcpu)
{
	fake_vcpu(vcpu)->wait_begin_count++;
}

void arch_vcpu_wait_end(struct vcpu *vcpu)
{
	fake_vcpu(vcpu)->wait_end_count++;
}

void arch_vcpu_registers_print(const struct vcpu *vcpu, struct printer *printer)
{
	print(printer, "registers of VCPU %u\n", vcpu->index);
}

void arch_vcpu_cause_print(const struct vcpu *vcpu, struct printer *printer)
{
	print(printer, "left by VCPU %u\n", vcpu->index);
}

uint64_t arch_vcpu_pointer_get(const struct vcpu *vcpu, enum vcpu_pointer pointer)
{
	return pointer == VCPU_POINTER_PC ? fake_vcpu(vcpu)->pc : fake_vcpu(vcpu)->sp;
}

bool arch_vcpu_translate(const struct vcpu *vcpu, uint64_t address, gpa_t *out)
{
	(void)vcpu;
	*out = GPA(address - FAKE_VIRTUAL_BASE);
	return address >= FAKE_VIRTUAL_BASE;
}

static const char *const exit_causes[] = { "access", "wait" };
const unsigned int arch_exit_cause_count = ARRAY_SIZE(exit_causes);

const char *arch_exit_cause_name(unsigned int cause)
{
	return cause < arch_exit_cause_count ? exit_causes[cause] : "?";
}

static void manager_thread(void *argument)
{
	(void)argument;
	guest_manager_run();
}

int fake_guest_manager_start(void)
{
	const struct thread_parameters parameters = {
		.name = "guests",
		.entry = manager_thread,
		.priority = THREAD_PRIORITY_SERVICE,
	};
	struct thread *thread;
	int result = thread_create(&parameters, &thread);

	if (result == 0)
		thread_start(thread);
	return result;
}
