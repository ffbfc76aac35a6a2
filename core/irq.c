// SPDX-License-Identifier: BSD-2-Clause
/*
 * Interrupts of host devices: which line belongs to whom. The controller's registers are its
 * driver's affair.
 */
#include <errno.h>

#include <corbel/arch.h>
#include <corbel/irq.h>
#include <corbel/log.h>
#include <corbel/panic.h>
#include <corbel/spinlock.h>

struct irq_line {
	irq_handler_t *handler; /* NULL: nobody's; written under irq_lock, read without */
	void *argument;
	const char *name;
	uint32_t active; /* handlers that are being called; atomic */
	uint32_t count;	 /* atomic */
};

static const struct irq_chip *chip;
static struct irq_line lines[IRQ_MAX];
static struct spinlock irq_lock = SPINLOCK_INIT;

int irq_chip_register(const struct irq_chip *new_chip)
{
	ASSERT(new_chip->enable != NULL && new_chip->disable != NULL && new_chip->handle != NULL);
	ASSERT(new_chip->mask != NULL);
	if (chip != NULL)
		return -EBUSY;
	chip = new_chip;
	return 0;
}

void irq_cpu_init(void)
{
	ASSERT(!arch_irq_enabled());
	if (chip != NULL && chip->cpu_init != NULL)
		chip->cpu_init();
}

static bool line_exists(unsigned int irq)
{
	return irq < IRQ_MAX && irq < chip->irq_count;
}

int irq_register(unsigned int irq, const char *name, irq_handler_t *handler, void *argument)
{
	unsigned long flags;
	struct irq_line *line;
	int result = -EBUSY;

	ASSERT(handler != NULL && name != NULL);
	if (chip == NULL)
		return -ENODEV;
	if (!line_exists(irq))
		return -EINVAL;
	line = &lines[irq];
	flags = spin_lock_irqsave(&irq_lock);
	if (line->handler == NULL) {
		line->name = name;
		line->argument = argument;
		line->count = 0;
		__atomic_store_n(&line->handler, handler, __ATOMIC_RELEASE);
		chip->enable(irq, cpu_get(0));
		result = 0;
	}
	spin_unlock_irqrestore(&irq_lock, flags);
	return result;
}

void irq_unregister(unsigned int irq)
{
	struct irq_line *line = &lines[irq];
	unsigned long flags;

	ASSERT(chip != NULL && line_exists(irq) && line->handler != NULL);
	flags = spin_lock_irqsave(&irq_lock);
	chip->disable(irq);
	__atomic_store_n(&line->handler, NULL, __ATOMIC_SEQ_CST);
	spin_unlock_irqrestore(&irq_lock, flags);
	/* The handler may be running on another CPU, but afterwards not any more. */
	while (__atomic_load_n(&line->active, __ATOMIC_SEQ_CST) != 0)
		arch_cpu_relax();
}

void irq_mask(unsigned int irq, bool masked)
{
	unsigned long flags = arch_irq_save();

	ASSERT(chip != NULL && line_exists(irq));
	chip->mask(irq, masked);
	arch_irq_restore(flags);
}

void irq_external(void)
{
	struct cpu *cpu = cpu_self();

	ASSERT(!arch_irq_enabled());
	cpu->in_interrupt = true;
	cpu->interrupt_count++;
	if (chip != NULL)
		chip->handle();
	cpu->in_interrupt = false;
}

/* Unless a handler came meanwhile: that one is not to lose its line. */
static void line_unhandled(unsigned int irq)
{
	unsigned long flags = spin_lock_irqsave(&irq_lock);
	bool unhandled = lines[irq].handler == NULL;

	if (unhandled)
		chip->disable(irq);
	spin_unlock_irqrestore(&irq_lock, flags);
	if (unhandled)
		log_warning("interrupt %u has no handler and is now disabled", irq);
}

/* Not even the controller can have enabled it. */
static void line_unknown(unsigned int irq)
{
	static bool told;

	if (!told)
		log_error("%s claims interrupt %u, which does not exist", chip->name, irq);
	told = true;
}

void irq_dispatch(unsigned int irq)
{
	struct irq_line *line;
	irq_handler_t *handler;

	ASSERT(!arch_irq_enabled() && chip != NULL);
	if (!line_exists(irq)) {
		line_unknown(irq);
		return;
	}
	line = &lines[irq];
	/* Announced before the handler is read: irq_unregister() does it the other way round. */
	__atomic_fetch_add(&line->active, 1, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&line->count, 1, __ATOMIC_RELAXED);
	handler = __atomic_load_n(&line->handler, __ATOMIC_SEQ_CST);
	if (handler != NULL)
		handler(line->argument);
	else
		line_unhandled(irq);
	__atomic_fetch_sub(&line->active, 1, __ATOMIC_SEQ_CST);
}

void irq_print(struct printer *printer)
{
	print(printer, "%4s %10s  %s\n", "IRQ", "COUNT", "NAME");
	for (unsigned int irq = 0; irq < IRQ_MAX; irq++) {
		const struct irq_line *line = &lines[irq];

		if (READ_ONCE(line->handler) != NULL)
			print(printer, "%4u %10u  %s\n", irq, (unsigned int)READ_ONCE(line->count),
			      line->name);
	}
}
