// SPDX-License-Identifier: BSD-2-Clause
/*
 * Driver for the host's platform-level interrupt controller ("PLIC", after the RISC-V PLIC
 * specification 1.0.0). It drives the supervisor-mode context of each hart and leaves the
 * machine-mode contexts to the firmware. Not the controller that guests see: that is vdev/plic.c.
 */
#include <errno.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/driver.h>
#include <corbel/irq.h>
#include <corbel/log.h>
#include <corbel/spinlock.h>
#include <corbel/tree.h>
#include <drivers/io.h>

/* Register map: PLIC specification, chapter "Memory Map". */
#define PLIC_PRIORITY(irq)	   (4ul * (irq))
#define PLIC_ENABLE(context, word) (0x2000ul + 0x80ul * (context) + 4ul * (word))
#define PLIC_THRESHOLD(context)	   (0x200000ul + 0x1000ul * (context))
#define PLIC_CLAIM(context)	   (0x200004ul + 0x1000ul * (context))
#define PLIC_SOURCE_MAX		   1023u
#define PLIC_CONTEXT_MAX	   15872u

/* The hart's interrupt input for supervisor-mode external interrupts. */
#define HART_INPUT_S_EXTERNAL 9u

/* Claims in one interrupt; what is left pending interrupts again. */
#define CLAIM_LIMIT 64u

struct plic_context {
	uint64_t hart_id;
	uint32_t number;
};

static struct {
	volatile void *registers;
	struct irq_chip chip;
	struct spinlock lock; /* enable registers */
	struct plic_context contexts[CPU_MAX];
	unsigned int context_count;
	const struct plic_context *of_cpu[CPU_MAX]; /* by CPU index; set by the CPU itself */
} plic = { .lock = SPINLOCK_INIT };

static const struct plic_context *context_find(uint64_t hart_id)
{
	for (unsigned int i = 0; i < plic.context_count; i++)
		if (plic.contexts[i].hart_id == hart_id)
			return &plic.contexts[i];
	return NULL;
}

static void enable_bit_set(const struct plic_context *context, unsigned int irq, bool on)
{
	size_t offset = PLIC_ENABLE(context->number, irq / 32);
	uint32_t bit = UINT32_C(1) << (irq % 32);
	uint32_t word = io_read32(plic.registers, offset);

	io_write32(plic.registers, offset, on ? word | bit : word & ~bit);
}

static void plic_enable(unsigned int irq, struct cpu *target)
{
	const struct plic_context *context = context_find(target->hardware_id);
	unsigned long flags;

	if (context == NULL) {
		log_error("plic: no context for hart %llu, line %u stays off",
			  (unsigned long long)target->hardware_id, irq);
		return;
	}
	flags = spin_lock_irqsave(&plic.lock);
	io_write32(plic.registers, PLIC_PRIORITY(irq), 1);
	enable_bit_set(context, irq, true);
	/* The completion of a claim is ignored if the line was disabled meanwhile: done now. */
	io_write32(plic.registers, PLIC_CLAIM(context->number), irq);
	spin_unlock_irqrestore(&plic.lock, flags);
}

static void plic_disable(unsigned int irq)
{
	unsigned long flags = spin_lock_irqsave(&plic.lock);

	for (unsigned int i = 0; i < plic.context_count; i++)
		enable_bit_set(&plic.contexts[i], irq, false);
	spin_unlock_irqrestore(&plic.lock, flags);
}

/* By the priority: what is not enabled could not be completed either. A single store. */
static void plic_mask(unsigned int irq, bool masked)
{
	io_write32(plic.registers, PLIC_PRIORITY(irq), masked ? 0 : 1);
}

static void plic_handle(void)
{
	const struct plic_context *context = plic.of_cpu[cpu_self()->index];

	if (context == NULL)
		return;
	for (unsigned int i = 0; i < CLAIM_LIMIT; i++) {
		uint32_t irq = io_read32(plic.registers, PLIC_CLAIM(context->number));

		if (irq == 0)
			return;
		irq_dispatch(irq);
		/*
		 * The controller ignores the completion of a line that is not enabled, and
		 * irq_dispatch() may have disabled it: such a line stays claimed, hence silent,
		 * until it is enabled again.
		 */
		io_write32(plic.registers, PLIC_CLAIM(context->number), irq);
	}
}

static void plic_cpu_init(void)
{
	struct cpu *cpu = cpu_self();
	const struct plic_context *context = context_find(cpu->hardware_id);

	if (context == NULL) {
		log_warning("plic: hart %llu has no supervisor context, it takes no interrupts",
			    (unsigned long long)cpu->hardware_id);
		return;
	}
	io_write32(plic.registers, PLIC_THRESHOLD(context->number), 0);
	plic.of_cpu[cpu->index] = context;
}

/* The id of the hart whose interrupt controller the pair's phandle names. */
static int hart_id_get(const void *fdt, int node, unsigned int pair, uint64_t *hart_id)
{
	int controller = tree_phandle_get(fdt, node, "interrupts-extended", 2 * pair);
	int cpu;

	if (controller < 0)
		return controller;
	cpu = fdt_parent_offset(fdt, controller);
	if (cpu < 0)
		return tree_error(cpu);
	return tree_reg_get(fdt, cpu, 0, hart_id, NULL);
}

/* Context N is the N-th pair of `interrupts-extended`. */
static int contexts_find(const void *fdt, int node)
{
	int cells = tree_cell_count(fdt, node, "interrupts-extended");

	if (cells < 0)
		return cells;
	for (unsigned int pair = 0; pair < (unsigned int)cells / 2 && pair < PLIC_CONTEXT_MAX;
	     pair++) {
		uint32_t input;
		int result = tree_cell_get(fdt, node, "interrupts-extended", 2 * pair + 1, &input);

		if (result < 0)
			return result;
		if (input != HART_INPUT_S_EXTERNAL)
			continue;
		if (plic.context_count == ARRAY_SIZE(plic.contexts))
			return 0;
		result = hart_id_get(fdt, node, pair, &plic.contexts[plic.context_count].hart_id);
		if (result < 0)
			return result;
		plic.contexts[plic.context_count++].number = pair;
	}
	return plic.context_count == 0 ? -ENODEV : 0;
}

/* Whoever ran before may have left lines enabled. */
static void registers_reset(void)
{
	for (unsigned int irq = 1; irq < plic.chip.irq_count; irq++)
		io_write32(plic.registers, PLIC_PRIORITY(irq), 0);
	for (unsigned int i = 0; i < plic.context_count; i++)
		for (unsigned int word = 0; word <= (plic.chip.irq_count - 1) / 32; word++)
			io_write32(plic.registers, PLIC_ENABLE(plic.contexts[i].number, word), 0);
}

static int plic_probe(const void *fdt, int node)
{
	uint64_t base, size;
	uint32_t source_count;
	int result = tree_reg_get(fdt, node, 0, &base, &size);

	if (result < 0)
		return result;
	result = tree_u32_get(fdt, node, "riscv,ndev", &source_count);
	if (result < 0)
		return result;
	result = contexts_find(fdt, node);
	if (result < 0)
		return result;
	if (size < PLIC_CLAIM(plic.contexts[plic.context_count - 1].number) + 4)
		return -EINVAL;
	plic.registers = arch_io_map(HPA(base), size);
	if (plic.registers == NULL)
		return -ENOMEM;
	plic.chip = (struct irq_chip){
		.name = "plic",
		.irq_count = MIN(source_count, PLIC_SOURCE_MAX) + 1,
		.enable = plic_enable,
		.disable = plic_disable,
		.mask = plic_mask,
		.handle = plic_handle,
		.cpu_init = plic_cpu_init,
	};
	registers_reset();
	return irq_chip_register(&plic.chip);
}

static const struct driver plic_driver = {
	.name = "plic",
	.class = DRIVER_INTERRUPT_CONTROLLER,
	.compatible = (const char *const[]){ "sifive,plic-1.0.0", "riscv,plic0", NULL },
	.probe = plic_probe,
};
DRIVER_REGISTER(plic_driver);
