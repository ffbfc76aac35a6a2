// SPDX-License-Identifier: BSD-2-Clause
/*
 * Interrupts of host devices: lines numbered by the host's interrupt controller. Not for timers,
 * IPIs (time.h, cpu.h) or for what guests see (vdev.h).
 */
#ifndef CORBEL_IRQ_H
#define CORBEL_IRQ_H

#include <corbel/cpu.h>
#include <corbel/printer.h>

#define IRQ_MAX 1024u

/* Interrupt context, interrupts off; must not sleep. */
typedef void irq_handler_t(void *argument);

/* What a driver of an interrupt controller provides. Called with interrupts off. */
struct irq_chip {
	const char *name;
	unsigned int irq_count; /* lines 0 to irq_count - 1 */
	/* Whatever became of the line before, it is afterwards neither masked nor claimed. */
	void (*enable)(unsigned int irq, struct cpu *target);
	void (*disable)(unsigned int irq);
	/*
	 * Holds an enabled line back, also while it is being handled, and lets it go. The line may
	 * have been disabled just now.
	 */
	void (*mask)(unsigned int irq, bool masked);
	/* Claims, calls irq_dispatch() and completes, until nothing is pending; bounded. */
	void (*handle)(void);
	/* Prepares the calling CPU's side; once on each CPU. NULL: nothing to do. */
	void (*cpu_init)(void);
};

/* Boot only; one controller per host. -EBUSY for a second. */
int irq_chip_register(const struct irq_chip *chip);
/* Calls the chip's cpu_init, if there is a chip. */
void irq_cpu_init(void);

/*
 * Connects a handler and enables the line, aimed at the boot CPU. Context: thread or boot.
 * -EINVAL (no such line), -EBUSY (taken), -ENODEV (no controller).
 */
int irq_register(unsigned int irq, const char *name, irq_handler_t *handler, void *argument);
void irq_unregister(unsigned int irq);

/*
 * Holds a registered line back, or lets it interrupt again; a level that is high meanwhile
 * interrupts then. Any context, the line's own handler included.
 */
void irq_mask(unsigned int irq, bool masked);

/* The port calls it for an external interrupt; interrupts off. */
void irq_external(void);
/* The chip calls it for each line that it claims. A line without a handler is disabled, logged. */
void irq_dispatch(unsigned int irq);

/* One aligned row per connected line: number, count, name. Context: thread. */
void irq_print(struct printer *printer);

#endif
