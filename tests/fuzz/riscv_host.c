// SPDX-License-Identifier: BSD-2-Clause
/*
 * The model of a hart and of core around the RISC-V port's exit path, see riscv_host.h.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <arch/memory.h>
#include <corbel/arch.h>
#include <corbel/bootargs.h>
#include <corbel/log.h>
#include <corbel/object.h>
#include <corbel/page.h>
#include <corbel/panic.h>
#include <corbel/serial.h>
#include <corbel/time.h>

#include "../../arch/riscv/features.h"
#include "../../arch/riscv/fpu.h"
#include "../../arch/riscv/sbi_host.h"
#include "../../arch/riscv/timer.h"
#include "../../arch/riscv/traps.h"
#include "../../arch/riscv/vcpu.h"
#include "../../core/guest_private.h"
#include "riscv_host.h"

#define PAGES (HOST_RAM_SIZE / PAGE_SIZE)

unsigned long hart_csrs[HART_CSR_COUNT];
unsigned int hart_fences;
uint32_t cpu_features;
struct host_calls host_calls;
struct cpu *processor_cpu;
uint64_t memory_direct_base, memory_image_offset;

static struct fuzz_input *source;
static uint8_t *ram;
static bool pages_used[PAGES];
static uint64_t fpu_registers[32];

void host_begin(struct fuzz_input *input)
{
	if (ram == NULL)
		ram = aligned_alloc(MIB(2), HOST_RAM_SIZE);
	FUZZ_CHECK(ram != NULL);
	memory_direct_base = (uint64_t)(uintptr_t)ram - HOST_RAM;
	memset(pages_used, 0, sizeof(pages_used));
	memset(hart_csrs, 0, sizeof(hart_csrs));
	source = input;
}

/* ---- memory ---- */

static bool is_free(uint64_t first, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		if (pages_used[first + i])
			return false;
	return true;
}

int page_alloc_zeroed(unsigned int order, enum page_use use, hpa_t *out)
{
	uint64_t count = UINT64_C(1) << order, first = 0;

	(void)use;
	while (first + count <= PAGES && !is_free(first, count))
		first += count;
	if (first + count > PAGES)
		return -ENOMEM;
	memset(&pages_used[first], true, count);
	*out = HPA(HOST_RAM + first * PAGE_SIZE);
	memset(arch_hpa_to_pointer(*out), 0, count * PAGE_SIZE);
	return 0;
}

void page_free(hpa_t base, unsigned int order, enum page_use use)
{
	uint64_t first = (base.raw - HOST_RAM) / PAGE_SIZE;

	(void)use;
	for (uint64_t i = 0; i < UINT64_C(1) << order; i++) {
		FUZZ_CHECK(first + i < PAGES && pages_used[first + i]);
		pages_used[first + i] = false;
	}
}

unsigned int host_pages_used(void)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < PAGES; i++)
		count += pages_used[i];
	return count;
}

/* ---- the hart and what is below it ---- */

/* Guest code is read with the guest's own rights: what there is comes from the input. */
bool guest_fetch_half(uint64_t address, uint16_t *value)
{
	(void)address;
	*value = (uint16_t)input_take(source, 2);
	return input_byte(source) != 1;
}

uint64_t fpu_register_get(unsigned int number)
{
	FUZZ_CHECK(number < 32);
	return fpu_registers[number];
}

void fpu_register_set(struct vcpu *vcpu, unsigned int number, uint64_t value, unsigned int size)
{
	(void)vcpu;
	FUZZ_CHECK(number < 32 && (size == 4 || size == 8));
	fpu_registers[number] = value;
}

int fpu_init(struct vcpu *vcpu)
{
	(void)vcpu;
	return 0;
}

void fpu_destroy(struct vcpu *vcpu)
{
	(void)vcpu;
}

void fpu_reset(struct vcpu *vcpu)
{
	(void)vcpu;
}

void fpu_load(struct vcpu *vcpu)
{
	(void)vcpu;
}

void fpu_save(struct vcpu *vcpu)
{
	(void)vcpu;
}

void vcpu_enter(struct vcpu *vcpu)
{
	(void)vcpu;
}

struct sbi_return sbi_host_call(uint64_t extension, uint64_t function, uint64_t a0, uint64_t a1,
				uint64_t a2, uint64_t a3, uint64_t a4)
{
	(void)a0;
	(void)a1;
	(void)a2;
	(void)a3;
	(void)a4;
	/* Nothing of a guest's goes through but the question what the hart is. */
	FUZZ_CHECK(extension == SBI_EXT_BASE && function >= SBI_BASE_GET_MVENDORID &&
		   function <= SBI_BASE_GET_MIMPID);
	return (struct sbi_return){ SBI_SUCCESS, 0 };
}

void sbi_host_remote_hfence_gvma(uint64_t vmid)
{
	(void)vmid;
}

uint64_t ticks_to_ns(uint64_t ticks)
{
	return ticks > UINT64_MAX / 100 ? TIME_NEVER : ticks * 100;
}

void interrupt_handle(uint64_t number)
{
	(void)number;
}

/* ---- core ---- */

bool bootargs_has(const char *word)
{
	(void)word;
	return (input_byte(source) & 1) != 0;
}

void timer_init(struct timer *timer, timer_function_t *function)
{
	timer->function = function;
}

void timer_set(struct timer *timer, uint64_t deadline_ns)
{
	FUZZ_CHECK(timer->function != NULL && deadline_ns != TIME_NEVER);
}

void timer_cancel(struct timer *timer)
{
	FUZZ_CHECK(timer->function != NULL);
}

void vcpu_kick(struct vcpu *vcpu)
{
	FUZZ_CHECK(vcpu != NULL);
	host_calls.kicks++;
}

bool vcpu_is_on(const struct vcpu *vcpu)
{
	return vcpu->on;
}

int vcpu_power_on(struct guest *guest, unsigned int index, const struct vcpu_start *start)
{
	struct vcpu *vcpu = guest_vcpu(guest, index);

	FUZZ_CHECK(vcpu != NULL);
	FUZZ_CHECK(start->entry.raw % 2 == 0 && guest_memory_is_ram(guest, start->entry, 2));
	if (vcpu->on)
		return -EALREADY;
	vcpu->on = true;
	host_calls.power_ons++;
	return 0;
}

void vcpu_crash(struct vcpu *vcpu, const char *format, ...)
{
	(void)vcpu;
	(void)format;
	host_calls.crashes++;
}

/* An access that a device answers, that nobody does, or that must wait. */
int vcpu_mmio_fast(struct vcpu *vcpu, gpa_t address, unsigned int size, bool write, uint64_t *value)
{
	static const int results[] = { 0, -EFAULT, -EAGAIN };

	(void)vcpu;
	(void)address;
	FUZZ_CHECK(size == 1 || size == 2 || size == 4 || size == 8);
	host_calls.accesses++;
	if (!write)
		*value = input_take(source, size);
	return results[input_choose(source, ARRAY_SIZE(results))];
}

void guest_request(struct guest *guest, enum guest_request request)
{
	FUZZ_CHECK(guest != NULL);
	host_calls.requests |= request;
}

size_t serial_debug_write(struct guest *guest, const uint8_t *bytes, size_t count)
{
	volatile uint8_t last = 0;

	FUZZ_CHECK(guest != NULL && count > 0);
	for (size_t i = 0; i < count; i++)
		last = bytes[i];
	(void)last;
	host_calls.debug_bytes += count;
	return count - input_choose(source, (unsigned int)MIN(count, 16u) + 1) % (count + 1);
}

const struct vdev_type passthrough_type;

struct vdev *guest_vdev_find(const struct guest *guest, int node)
{
	(void)guest;
	(void)node;
	return NULL;
}

hpa_t passthrough_host_get(const struct vdev *vdev, unsigned int index)
{
	(void)vdev;
	(void)index;
	return HPA(0);
}

void *object_alloc_array(size_t count, size_t size)
{
	return calloc(count, size);
}

void object_free(void *object)
{
	free(object);
}

int page_order_available(void)
{
	return 9;
}

void page_statistics_get(struct page_statistics *out)
{
	memset(out, 0, sizeof(*out));
	out->free_bytes = (PAGES - host_pages_used()) * PAGE_SIZE;
}

void tree_path_get(const void *fdt, int node, char *buffer, size_t size)
{
	(void)fdt;
	(void)node;
	(void)snprintf(buffer, size, "/");
}

void print(struct printer *printer, const char *format, ...)
{
	(void)printer;
	(void)format;
}

void assert_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: assertion %s failed\n", file, line, condition);
	abort();
}
