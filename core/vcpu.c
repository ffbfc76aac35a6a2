// SPDX-License-Identifier: BSD-2-Clause
/*
 * VCPUs: the thread that runs a guest, its exits, power and kicks. What the processor does in
 * between is the port's affair (arch_vcpu_*), what a guest is as a whole is guest.c's.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/panic.h>
#include <corbel/sched.h>
#include <corbel/vcpu.h>

#include "guest_private.h"

/* ---- accesses to devices ---- */

static ALWAYS_INLINE const struct region *vcpu_region_find(struct vcpu *vcpu, gpa_t address)
{
	const struct region *region = vcpu->last_region;

	if (likely(region != NULL && address.raw - region->base.raw < region->size))
		return region;
	region = guest_region_find(vcpu->guest, address);
	if (region != NULL)
		vcpu->last_region = region;
	return region;
}

/* The device that answers all of the access, and where in it that is; NULL: nothing does. */
static ALWAYS_INLINE const struct region *mmio_target(struct vcpu *vcpu, gpa_t address,
						      unsigned int size, uint64_t *offset)
{
	const struct region *region = vcpu_region_find(vcpu, address);

	ASSERT(size == 1 || size == 2 || size == 4 || size == 8);
	if (region == NULL || region->kind != REGION_DEVICE)
		return NULL;
	*offset = address.raw - region->base.raw;
	return region->size - *offset >= size ? region : NULL;
}

static uint64_t value_mask(unsigned int size)
{
	return UINT64_MAX >> (64 - 8 * size);
}

static ALWAYS_INLINE int mmio_do(const struct region *region, uint64_t offset, unsigned int size,
				 bool write, uint64_t *value)
{
	struct vdev *vdev = region->vdev;
	int result;

	if (write) {
		vdev->write_count++;
		return vdev->ops->write(vdev, region->vdev_region, offset, size,
					*value & value_mask(size));
	}
	vdev->read_count++;
	*value = 0;
	result = vdev->ops->read(vdev, region->vdev_region, offset, size, value);
	*value &= value_mask(size);
	return result;
}

static uint64_t memory_read(const volatile void *memory, unsigned int size)
{
	switch (size) {
	case 1:
		return *(const volatile uint8_t *)memory;
	case 2:
		return *(const volatile uint16_t *)memory;
	case 4:
		return *(const volatile uint32_t *)memory;
	default:
		return *(const volatile uint64_t *)memory;
	}
}

static void memory_write(volatile void *memory, unsigned int size, uint64_t value)
{
	switch (size) {
	case 1:
		*(volatile uint8_t *)memory = (uint8_t)value;
		break;
	case 2:
		*(volatile uint16_t *)memory = (uint16_t)value;
		break;
	case 4:
		*(volatile uint32_t *)memory = (uint32_t)value;
		break;
	default:
		*(volatile uint64_t *)memory = value;
		break;
	}
}

/* Writing to ROM, or through a view of memory in which every access traps. */
static int memory_do(struct vcpu *vcpu, gpa_t address, unsigned int size, bool write,
		     uint64_t *value)
{
	const struct region *region = vcpu_region_find(vcpu, address);
	void *memory;

	if (region == NULL || (region->kind != REGION_RAM && region->kind != REGION_ROM) ||
	    !IS_ALIGNED(address.raw, size))
		return -EFAULT;
	memory = arch_hpa_to_pointer(hpa_add(region->host, address.raw - region->base.raw));
	if (!write)
		*value = memory_read(memory, size);
	else if (region->kind == REGION_RAM)
		memory_write(memory, size, *value);
	return 0;
}

int vcpu_mmio_fast(struct vcpu *vcpu, gpa_t address, unsigned int size, bool write, uint64_t *value)
{
	uint64_t offset;
	const struct region *region = mmio_target(vcpu, address, size, &offset);

	if (unlikely(region == NULL))
		return memory_do(vcpu, address, size, write, value);
	if (unlikely(region->vdev->type->may_sleep))
		return -EAGAIN;
	return mmio_do(region, offset, size, write, value) == 0 ? 0 : -EFAULT;
}

/* An access that left arch_vcpu_run(). Called and returns with interrupts off. */
static void vcpu_mmio_serve(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	uint64_t offset;
	const struct region *region = mmio_target(vcpu, exit->address, exit->size, &offset);
	bool may_sleep = region != NULL && region->vdev->type->may_sleep;
	int result = -ENXIO;

	if (may_sleep)
		arch_irq_enable();
	if (region != NULL)
		result = mmio_do(region, offset, exit->size, exit->write, &exit->value);
	if (may_sleep)
		arch_irq_disable();
	if (result == 0)
		arch_vcpu_mmio_complete(vcpu, exit);
	else
		arch_vcpu_mmio_fault(vcpu, exit);
}

/* ---- running and standing still ---- */

/* Whether the VCPU is to go on where it is; anything else is for vcpu_stand(). */
static bool vcpu_may_go_on(const struct vcpu *vcpu)
{
	return READ_ONCE(vcpu->guest->run_allowed) && READ_ONCE(vcpu->on) &&
	       !READ_ONCE(vcpu->start_pending) && !READ_ONCE(vcpu->ending);
}

/*
 * `idle` is set before the condition for blocking is looked at, and vcpu_kick() looks at it after
 * that condition was changed: one of the two sees the other.
 */
static void vcpu_idle_set(struct vcpu *vcpu)
{
	__atomic_store_n(&vcpu->idle, true, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void vcpu_idle_clear(struct vcpu *vcpu)
{
	__atomic_store_n(&vcpu->idle, false, __ATOMIC_RELAXED);
}

/* The guest waits for an interrupt. Called and returns with interrupts off. */
static void vcpu_wait(struct vcpu *vcpu)
{
	arch_irq_enable();
	arch_vcpu_wait_begin(vcpu);
	vcpu_idle_set(vcpu);
	for (;;) {
		thread_block_prepare();
		if (arch_vcpu_irq_pending(vcpu) || !vcpu_may_go_on(vcpu))
			break;
		thread_block();
	}
	thread_block_cancel();
	vcpu_idle_clear(vcpu);
	arch_vcpu_wait_end(vcpu);
	arch_irq_disable();
}

/* Called and returns with interrupts off. */
static void vcpu_yield(void)
{
	arch_irq_enable();
	thread_yield();
	arch_irq_disable();
}

/* The last VCPU to turn itself off turns off the guest. */
static void vcpu_power_off(struct vcpu *vcpu)
{
	struct guest *guest = vcpu->guest;
	unsigned long flags = spin_lock_irqsave(&guest->vcpu_lock);
	bool any_on = false;

	vcpu->on = false;
	vcpu->start_pending = false;
	for (unsigned int i = 0; i < guest->vcpu_count; i++)
		any_on = any_on || guest->vcpus[i]->on;
	spin_unlock_irqrestore(&guest->vcpu_lock, flags);
	if (!any_on)
		guest_request(guest, GUEST_REQUEST_POWEROFF);
}

/*
 * Runs the guest until the VCPU has to stand still. Interrupts stay off between exits: those that
 * are pending are taken as soon as the guest is entered.
 */
static void vcpu_run(struct vcpu *vcpu)
{
	struct vcpu_exit exit;

	arch_irq_disable();
	for (;;) {
		/* Cleared before the requests are looked at: a later one sets it again. */
		if (READ_ONCE(vcpu->interrupted) &&
		    __atomic_exchange_n(&vcpu->interrupted, 0, __ATOMIC_SEQ_CST) &&
		    !vcpu_may_go_on(vcpu))
			break;
		sched_preempt();
		/*
		 * This CPU is known to run the thread from here on, before the port looks at
		 * `interrupted` for the last time: the other side of vcpu_kick().
		 */
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		arch_vcpu_run(vcpu, &exit);
		if (exit.kind == VCPU_EXIT_MMIO) {
			vcpu_mmio_serve(vcpu, &exit);
		} else if (exit.kind == VCPU_EXIT_WAIT) {
			vcpu_wait(vcpu);
		} else if (exit.kind == VCPU_EXIT_YIELD) {
			vcpu_yield();
		} else if (exit.kind == VCPU_EXIT_OFF) {
			vcpu_power_off(vcpu);
			break;
		} else if (exit.kind == VCPU_EXIT_CRASH) {
			guest_request(vcpu->guest, GUEST_REQUEST_CRASH);
			break;
		}
	}
	arch_irq_enable();
}

enum vcpu_order {
	ORDER_STAND,
	ORDER_GO,
	ORDER_END,
};

/* What the VCPU is to do now; `*restart` tells whether `*start` is to be applied first. */
static enum vcpu_order vcpu_order_take(struct vcpu *vcpu, bool *restart, struct vcpu_start *start)
{
	struct guest *guest = vcpu->guest;
	enum vcpu_order order = ORDER_STAND;
	unsigned long flags = spin_lock_irqsave(&guest->vcpu_lock);

	if (vcpu->ending)
		order = ORDER_END;
	else if (guest->run_allowed && vcpu->on)
		order = ORDER_GO;
	vcpu->parked = order != ORDER_GO;
	*restart = order == ORDER_GO && vcpu->start_pending;
	if (*restart) {
		*start = vcpu->start;
		vcpu->start_pending = false;
	}
	spin_unlock_irqrestore(&guest->vcpu_lock, flags);
	return order;
}

/* Stands still until the VCPU may run (true) or its thread is to end (false). */
static bool vcpu_stand(struct vcpu *vcpu)
{
	struct vcpu_start start;
	enum vcpu_order order;
	bool restart;

	vcpu_idle_set(vcpu);
	for (;;) {
		thread_block_prepare();
		order = vcpu_order_take(vcpu, &restart, &start);
		if (order != ORDER_STAND)
			break;
		wait_queue_wake_all(&vcpu->guest->parked);
		thread_block();
	}
	thread_block_cancel();
	vcpu_idle_clear(vcpu);
	if (restart) {
		guest_load_do(vcpu->guest);
		arch_vcpu_reset(vcpu, &start);
	}
	return order == ORDER_GO;
}

static void vcpu_thread(void *argument)
{
	struct vcpu *vcpu = argument;

	while (vcpu_stand(vcpu))
		vcpu_run(vcpu);
}

void vcpu_kick(struct vcpu *vcpu)
{
	struct thread *thread = vcpu->thread;
	unsigned long flags;
	struct cpu *cpu;

	__atomic_store_n(&vcpu->interrupted, 1, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (READ_ONCE(vcpu->idle)) {
		thread_wake(thread);
		return;
	}
	/*
	 * A thread that runs nowhere looks at `interrupted` before it enters the guest; so does one
	 * that this CPU runs, once the caller is done.
	 */
	flags = arch_irq_save();
	cpu = READ_ONCE(thread->cpu);
	if (cpu != NULL && cpu != cpu_self() && READ_ONCE(cpu->current) == thread)
		cpu_ipi_send(cpu, CPU_IPI_RESCHEDULE);
	arch_irq_restore(flags);
}

/* ---- power ---- */

int vcpu_power_on(struct guest *guest, unsigned int index, const struct vcpu_start *start)
{
	struct vcpu *vcpu = guest_vcpu(guest, index);
	unsigned long flags;
	bool was_on;

	if (vcpu == NULL)
		return -EINVAL;
	flags = spin_lock_irqsave(&guest->vcpu_lock);
	was_on = vcpu->on;
	if (!was_on) {
		vcpu->start = *start;
		vcpu->start_pending = true;
		vcpu->on = true;
	}
	spin_unlock_irqrestore(&guest->vcpu_lock, flags);
	if (was_on)
		return -EALREADY;
	vcpu_kick(vcpu);
	return 0;
}

bool vcpu_is_on(const struct vcpu *vcpu)
{
	return READ_ONCE(vcpu->on);
}

void vcpu_power_cut(struct vcpu *vcpu)
{
	ASSERT(spin_is_held(&vcpu->guest->vcpu_lock));
	ASSERT(vcpu->parked);
	vcpu->on = false;
	vcpu->start_pending = false;
}

/* ---- for people ---- */

void vcpu_crash(struct vcpu *vcpu, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(vcpu->crash_text, sizeof(vcpu->crash_text), format, arguments);
	va_end(arguments);
}

const char *vcpu_state_name(const struct vcpu *vcpu)
{
	if (READ_ONCE(vcpu->guest->state) == GUEST_CRASHED && vcpu->crash_text[0] != '\0')
		return "crashed";
	if (!READ_ONCE(vcpu->on))
		return "off";
	if (READ_ONCE(vcpu->parked))
		return "paused";
	return READ_ONCE(vcpu->idle) ? "waiting" : "running";
}

/* ---- interrupt inputs ---- */

static void inputs_irq_set(struct vdev *vdev, uint32_t number, bool level)
{
	(void)arch_vcpu_irq_set(container_of(vdev, struct vcpu, inputs), number, level);
}

static const struct vdev_ops inputs_ops = {
	.irq_set = inputs_irq_set,
};

void vcpu_inputs_init(struct vcpu *vcpu)
{
	vcpu->inputs = (struct vdev){ .ops = &inputs_ops, .guest = vcpu->guest, .name = "cpu" };
}

/* ---- making and freeing ---- */

static int vcpu_thread_create(struct vcpu *vcpu, unsigned int priority, cpumask_t affinity)
{
	char name[THREAD_NAME_SIZE];
	struct thread_parameters parameters = {
		.name = name,
		.entry = vcpu_thread,
		.argument = vcpu,
		.priority = priority,
		.affinity = affinity,
		.vcpu = vcpu,
	};

	snprintf(name, sizeof(name), "%.20s/%u", vcpu->guest->name, vcpu->index);
	return thread_create(&parameters, &vcpu->thread);
}

int vcpu_create(struct guest *guest, unsigned int index, unsigned int priority, cpumask_t affinity,
		struct vcpu **out, struct error *error)
{
	struct vcpu *vcpu = object_alloc(sizeof(*vcpu));
	int result;

	if (vcpu == NULL)
		return error_set(error, -ENOMEM, "%s: no memory for VCPU %u", guest->tree_file,
				 index);
	vcpu->guest = guest;
	vcpu->index = index;
	vcpu_inputs_init(vcpu);
	result = arch_vcpu_init(vcpu, error);
	if (result != 0) {
		object_free(vcpu);
		return error_set(error, result, "%s: VCPU %u cannot be made: %s", guest->tree_file,
				 index, error_name(result));
	}
	result = vcpu_thread_create(vcpu, priority, affinity);
	if (result != 0) {
		arch_vcpu_destroy(vcpu);
		object_free(vcpu);
		return error_set(error, result, "%s: the thread of VCPU %u cannot be made: %s",
				 guest->tree_file, index, error_name(result));
	}
	*out = vcpu;
	thread_start(vcpu->thread);
	return 0;
}

void vcpu_destroy(struct vcpu *vcpu)
{
	struct guest *guest = vcpu->guest;
	unsigned long flags = spin_lock_irqsave(&guest->vcpu_lock);

	vcpu->ending = true;
	spin_unlock_irqrestore(&guest->vcpu_lock, flags);
	/* It must run to end, and we wait for that: not behind busier guests. */
	(void)thread_priority_set(vcpu->thread, THREAD_PRIORITY_SERVICE);
	vcpu_kick(vcpu);
	thread_join(vcpu->thread);
	arch_vcpu_destroy(vcpu);
	object_free(vcpu);
}
