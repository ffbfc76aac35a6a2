// SPDX-License-Identifier: BSD-2-Clause
/*
 * A VCPU on this processor: its state at start, at thread switches, its interrupts.
 */
#include <errno.h>

#include <corbel/arch.h>
#include <corbel/guest.h>

int arch_vcpu_irq_set(struct vcpu *vcpu, unsigned int input, bool level)
{
	(void)vcpu;
	(void)input;
	(void)level;
	return -EINVAL;
}
int arch_vcpu_init(struct vcpu *vcpu, struct error *error)
{
	(void)vcpu;
	(void)error;
	return 0;
}
void arch_vcpu_destroy(struct vcpu *vcpu)
{
	(void)vcpu;
}
void arch_vcpu_reset(struct vcpu *vcpu, const struct vcpu_start *start)
{
	(void)vcpu;
	(void)start;
}
void arch_vcpu_load(struct vcpu *vcpu)
{
	(void)vcpu;
}
void arch_vcpu_save(struct vcpu *vcpu)
{
	(void)vcpu;
}
bool arch_vcpu_irq_pending(struct vcpu *vcpu)
{
	(void)vcpu;
	return false;
}
void arch_vcpu_wait_begin(struct vcpu *vcpu)
{
	(void)vcpu;
}
void arch_vcpu_wait_end(struct vcpu *vcpu)
{
	(void)vcpu;
}
void arch_vcpu_run(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	(void)vcpu;
	exit->kind = VCPU_EXIT_CRASH;
}
void arch_vcpu_registers_print(const struct vcpu *vcpu, struct printer *printer)
{
	(void)vcpu;
	(void)printer;
}
void arch_vcpu_mmio_complete(struct vcpu *vcpu, const struct vcpu_exit *exit)
{
	(void)vcpu;
	(void)exit;
}
void arch_vcpu_mmio_fault(struct vcpu *vcpu, const struct vcpu_exit *exit)
{
	(void)vcpu;
	(void)exit;
}
const unsigned int arch_exit_cause_count = 0;
const char *arch_exit_cause_name(unsigned int cause)
{
	(void)cause;
	return "";
}
int arch_guest_init(struct guest *guest, struct error *error)
{
	(void)guest;
	(void)error;
	return 0;
}
void arch_guest_destroy(struct guest *guest)
{
	(void)guest;
}
int arch_gmem_map(struct guest *guest, gpa_t gpa, hpa_t hpa, uint64_t size, unsigned int flags)
{
	(void)guest;
	(void)gpa;
	(void)hpa;
	(void)size;
	(void)flags;
	return 0;
}
void arch_gmem_unmap(struct guest *guest, gpa_t gpa, uint64_t size)
{
	(void)guest;
	(void)gpa;
	(void)size;
}
uint64_t arch_gmem_limit(const struct guest *guest)
{
	(void)guest;
	return GIB(4);
}
int arch_image_inspect(const void *image, size_t size, struct image_placement *out,
		       struct error *error)
{
	(void)image;
	(void)size;
	(void)out;
	(void)error;
	return -ENOEXEC;
}
int arch_guest_tree_complete(struct guest *guest, void *fdt, struct error *error)
{
	(void)guest;
	(void)fdt;
	(void)error;
	return 0;
}
