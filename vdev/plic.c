// SPDX-License-Identifier: BSD-2-Clause
/*
 * A virtual platform-level interrupt controller, after the RISC-V PLIC specification 1.0.0 with the
 * register layout of SiFive's. Not the driver of the host's: that is drivers/irq/plic.c.
 *
 * A claim, a completion and a change of an input take the same time however many sources there are:
 * each context keeps, for each priority, a bitmap of the sources that are pending and enabled, a
 * word that says which words of it are not empty, and a mask of the priorities that are not empty.
 * A source knows the contexts that enable it, mostly one, and moves in their bitmaps alone.
 *
 * Lock order: device -> this controller's lock -> VCPU.
 */
#include <errno.h>
#include <string.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/panic.h>
#include <corbel/spinlock.h>
#include <corbel/tree.h>
#include <corbel/vdev.h>
#include <lib/bitops.h>

/* Register map: PLIC specification, chapter "Memory Map". */
#define PENDING_BASE   0x1000u
#define ENABLE_BASE    0x2000u
#define ENABLE_STRIDE  0x80u
#define ENABLE_END     0x1f2000u
#define CONTEXT_BASE   0x200000u
#define CONTEXT_STRIDE 0x1000u
#define CONTEXT_REACH  0x4000000u
#define THRESHOLD_REG  0x0u
#define CLAIM_REG      0x4u

#define SOURCE_COUNT   1024u /* source 0 does not exist */
#define WORD_COUNT     (SOURCE_COUNT / 32)
#define PRIORITY_COUNT 8u
#define PRIORITY_MASK  (PRIORITY_COUNT - 1)
/* A VCPU has a machine-mode and a supervisor-mode context at most. */
#define CONTEXT_MAX    (2 * GUEST_VCPU_MAX)
/* Of a node, in messages. */
#define PATH_SIZE      64u
/* In `interrupts-extended`: no input is connected. */
#define INPUT_NONE     0xffffffffu

/* Which sources of one priority could be claimed. */
struct candidates {
	uint32_t words[WORD_COUNT];
	uint32_t summary; /* which words are not zero */
};

/* One interrupt input of one VCPU. */
struct context {
	unsigned int vcpu;
	uint32_t input;
	uint32_t threshold;
	bool level; /* what the VCPU's input is set to */
	uint32_t enabled[WORD_COUNT];
	uint8_t occupied; /* the priorities that have candidates; never 0 */
	struct candidates candidates[PRIORITY_COUNT];
};

struct plic {
	struct vdev vdev;
	unsigned int source_count;	       /* constant; sources 1 to source_count - 1 exist */
	unsigned int context_count;	       /* constant */
	struct context *contexts[CONTEXT_MAX]; /* constant; NULL: leads nowhere */
	struct spinlock lock;		       /* everything below and inside contexts */
	uint32_t level[WORD_COUNT];	       /* of the inputs */
	uint32_t pending[WORD_COUNT];
	uint32_t in_service[WORD_COUNT]; /* claimed, not yet completed */
	uint8_t priority[SOURCE_COUNT];
	uint64_t enabled_by[SOURCE_COUNT];		 /* contexts, by number */
	struct vdev_irq_watcher *watchers[SOURCE_COUNT]; /* constant while VCPUs run */
};
_Static_assert(CONTEXT_MAX <= 64, "enabled_by has a bit for each context");
_Static_assert(WORD_COUNT <= 32, "a summary has a bit for each word");

static struct plic *plic_of(struct vdev *vdev)
{
	return container_of(vdev, struct plic, vdev);
}

/* ---- sets of sources ---- */

static uint32_t source_bit(unsigned int source)
{
	return UINT32_C(1) << (source % 32);
}

static bool set_has(const uint32_t *set, unsigned int source)
{
	return (set[source / 32] & source_bit(source)) != 0;
}

static void set_add(uint32_t *set, unsigned int source)
{
	set[source / 32] |= source_bit(source);
}

static void set_remove(uint32_t *set, unsigned int source)
{
	set[source / 32] &= ~source_bit(source);
}

/* ---- candidates of a context ---- */

static void candidate_add(struct context *context, unsigned int source, unsigned int priority)
{
	struct candidates *candidates = &context->candidates[priority];

	ASSERT(priority > 0 && priority < PRIORITY_COUNT);
	set_add(candidates->words, source);
	candidates->summary |= UINT32_C(1) << (source / 32);
	context->occupied |= (uint8_t)(1u << priority);
}

static void candidate_remove(struct context *context, unsigned int source, unsigned int priority)
{
	struct candidates *candidates = &context->candidates[priority];

	set_remove(candidates->words, source);
	if (candidates->words[source / 32] == 0)
		candidates->summary &= ~(UINT32_C(1) << (source / 32));
	if (candidates->summary == 0)
		context->occupied &= (uint8_t) ~(1u << priority);
}

/* The source to be claimed: of the highest priority, the lowest number among equals. 0: none. */
static unsigned int candidate_best(const struct context *context)
{
	const struct candidates *candidates;
	unsigned int word;

	if (context->occupied == 0)
		return 0;
	candidates = &context->candidates[bit_last(context->occupied)];
	ASSERT(candidates->summary != 0);
	word = bit_first(candidates->summary);
	ASSERT(candidates->words[word] != 0);
	return 32 * word + bit_first(candidates->words[word]);
}

/* Tells the VCPU whether anything is above the context's threshold. */
static void context_update(const struct plic *plic, struct context *context)
{
	bool level = (context->occupied >> (context->threshold + 1)) != 0;
	struct vcpu *vcpu;

	if (level == context->level)
		return;
	context->level = level;
	vcpu = guest_vcpu(plic->vdev.guest, context->vcpu);
	if (vcpu != NULL)
		(void)arch_vcpu_irq_set(vcpu, context->input, level);
}

/* ---- sources ---- */

/*
 * Puts a source among the candidates of all contexts that enable it, or takes it out. Not inline,
 * so that the common case of its callers, where there is nothing to do, saves no registers.
 */
__attribute__((noinline)) static void source_offer(struct plic *plic, unsigned int source,
						   bool offer)
{
	unsigned int priority = plic->priority[source];

	if (priority == 0)
		return;
	bit_for_each(number, plic->enabled_by[source]) {
		struct context *context = plic->contexts[number];

		if (offer)
			candidate_add(context, source, priority);
		else
			candidate_remove(context, source, priority);
		context_update(plic, context);
	}
}

/*
 * The gateway of a level-triggered source (specification, "Interrupt Gateways"): a high input makes
 * one request, which stays until it is claimed, whatever the input does; the next can come after
 * the completion. The lock is held.
 */
static ALWAYS_INLINE void source_ask(struct plic *plic, unsigned int source)
{
	if (!set_has(plic->level, source) || set_has(plic->in_service, source) ||
	    set_has(plic->pending, source))
		return;
	set_add(plic->pending, source);
	source_offer(plic, source, true);
}

static void plic_irq_set(struct vdev *vdev, uint32_t source, bool level)
{
	struct plic *plic = plic_of(vdev);
	unsigned long flags;

	if (source == 0 || source >= plic->source_count)
		return;
	flags = spin_lock_irqsave(&plic->lock);
	if (level)
		set_add(plic->level, source);
	else
		set_remove(plic->level, source);
	source_ask(plic, source);
	spin_unlock_irqrestore(&plic->lock, flags);
}

static int plic_irq_watch(struct vdev *vdev, uint32_t source, struct vdev_irq_watcher *watcher)
{
	struct plic *plic = plic_of(vdev);

	if (source == 0 || source >= plic->source_count)
		return -EINVAL;
	if (watcher != NULL && plic->watchers[source] != NULL)
		return -EBUSY;
	plic->watchers[source] = watcher;
	return 0;
}

/* The threshold does not matter here (specification, "Interrupt Claim Process"). */
static uint32_t source_claim(struct plic *plic, const struct context *context)
{
	unsigned int source = candidate_best(context);

	if (source == 0)
		return 0;
	ASSERT(set_has(plic->pending, source) && set_has(context->enabled, source));
	set_remove(plic->pending, source);
	set_add(plic->in_service, source);
	source_offer(plic, source, false);
	return source;
}

/*
 * What the context does not enable is ignored (specification, "Interrupt Completion"). Whether it
 * was completed.
 */
static bool source_complete(struct plic *plic, const struct context *context, uint32_t source)
{
	if (source >= plic->source_count || !set_has(context->enabled, source) ||
	    !set_has(plic->in_service, source))
		return false;
	set_remove(plic->in_service, source);
	if (likely(plic->watchers[source] == NULL))
		source_ask(plic, source);
	return true;
}

/* ---- registers ---- */

static void priority_write(struct plic *plic, unsigned int source, uint32_t value)
{
	uint8_t priority = value & PRIORITY_MASK;

	if (source == 0 || source >= plic->source_count)
		return;
	spin_lock(&plic->lock);
	if (set_has(plic->pending, source) && priority != plic->priority[source]) {
		source_offer(plic, source, false);
		plic->priority[source] = priority;
		source_offer(plic, source, true);
	} else {
		plic->priority[source] = priority;
	}
	spin_unlock(&plic->lock);
}

/* One source becomes enabled or disabled in one context. */
static void enable_change(struct plic *plic, unsigned int number, unsigned int source, bool enable)
{
	struct context *context = plic->contexts[number];
	unsigned int priority = plic->priority[source];
	bool offered = set_has(plic->pending, source) && priority > 0;

	if (enable) {
		set_add(context->enabled, source);
		plic->enabled_by[source] |= UINT64_C(1) << number;
		if (offered)
			candidate_add(context, source, priority);
	} else {
		set_remove(context->enabled, source);
		plic->enabled_by[source] &= ~(UINT64_C(1) << number);
		if (offered)
			candidate_remove(context, source, priority);
	}
}

/* The sources that exist among the 32 of a word. */
static uint32_t sources_in_word(const struct plic *plic, unsigned int word)
{
	uint32_t mask = UINT32_MAX;

	if (32 * word >= plic->source_count)
		return 0;
	if (plic->source_count - 32 * word < 32)
		mask = source_bit(plic->source_count) - 1;
	return word == 0 ? mask & ~UINT32_C(1) : mask;
}

static void enable_write(struct plic *plic, unsigned int number, unsigned int word, uint32_t value)
{
	struct context *context = plic->contexts[number];
	uint32_t changed;

	spin_lock(&plic->lock);
	changed = (context->enabled[word] ^ value) & sources_in_word(plic, word);
	bit_for_each(bit, changed) {
		enable_change(plic, number, 32 * word + (unsigned int)bit, (value >> bit & 1) != 0);
	}
	context_update(plic, context);
	spin_unlock(&plic->lock);
}

static uint32_t claim_read(struct plic *plic, const struct context *context)
{
	uint32_t source;

	spin_lock(&plic->lock);
	source = source_claim(plic, context);
	spin_unlock(&plic->lock);
	return source;
}

/* The watcher may lower the input; only what is high after that asks again. */
__attribute__((noinline)) static void completion_tell(struct plic *plic, unsigned int source)
{
	struct vdev_irq_watcher *watcher = plic->watchers[source];

	watcher->completed(watcher);
	spin_lock(&plic->lock);
	source_ask(plic, source);
	spin_unlock(&plic->lock);
}

static void claim_write(struct plic *plic, const struct context *context, uint32_t source)
{
	bool completed;

	spin_lock(&plic->lock);
	completed = source_complete(plic, context, source);
	spin_unlock(&plic->lock);
	if (completed && unlikely(plic->watchers[source] != NULL))
		completion_tell(plic, source);
}

static void threshold_write(struct plic *plic, struct context *context, uint32_t value)
{
	spin_lock(&plic->lock);
	context->threshold = value & PRIORITY_MASK;
	context_update(plic, context);
	spin_unlock(&plic->lock);
}

/* The live context whose part of an area of registers holds the offset, or NULL. */
static struct context *context_at(const struct plic *plic, uint64_t offset, uint64_t base,
				  uint64_t stride, unsigned int *number)
{
	uint64_t index = (offset - base) / stride;

	if (index >= plic->context_count)
		return NULL;
	*number = (unsigned int)index;
	return plic->contexts[index];
}

static uint32_t enable_area_read(const struct plic *plic, uint64_t offset)
{
	unsigned int number;
	const struct context *context =
		context_at(plic, offset, ENABLE_BASE, ENABLE_STRIDE, &number);

	return context == NULL ? 0 : READ_ONCE(context->enabled[offset % ENABLE_STRIDE / 4]);
}

static uint32_t context_area_read(struct plic *plic, uint64_t offset)
{
	unsigned int number;
	const struct context *context =
		context_at(plic, offset, CONTEXT_BASE, CONTEXT_STRIDE, &number);

	if (context == NULL)
		return 0;
	switch (offset % CONTEXT_STRIDE) {
	case CLAIM_REG:
		return claim_read(plic, context);
	case THRESHOLD_REG:
		return READ_ONCE(context->threshold);
	default:
		return 0;
	}
}

/* Only aligned words can be accessed (specification, "Memory Map"). */
static bool access_is_valid(uint64_t offset, unsigned int size)
{
	return size == 4 && offset % 4 == 0;
}

/* Whatever does not exist reads as zero. Words are read without the lock: each is a snapshot. */
static int plic_read(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		     uint64_t *value)
{
	struct plic *plic = plic_of(vdev);

	(void)region;
	if (!access_is_valid(offset, size))
		return -ENXIO;
	if (offset < PENDING_BASE)
		*value = READ_ONCE(plic->priority[offset / 4]);
	else if (offset < PENDING_BASE + 4 * WORD_COUNT)
		*value = READ_ONCE(plic->pending[(offset - PENDING_BASE) / 4]);
	else if (offset >= CONTEXT_BASE && offset < CONTEXT_REACH)
		*value = context_area_read(plic, offset);
	else if (offset >= ENABLE_BASE && offset < ENABLE_END)
		*value = enable_area_read(plic, offset);
	else
		*value = 0;
	return 0;
}

__attribute__((noinline)) static void enable_area_write(struct plic *plic, uint64_t offset,
							uint32_t value)
{
	unsigned int number;

	if (context_at(plic, offset, ENABLE_BASE, ENABLE_STRIDE, &number) != NULL)
		enable_write(plic, number, offset % ENABLE_STRIDE / 4, value);
}

__attribute__((noinline)) static void context_area_write(struct plic *plic, uint64_t offset,
							 uint32_t value)
{
	unsigned int number;
	struct context *context = context_at(plic, offset, CONTEXT_BASE, CONTEXT_STRIDE, &number);

	if (context == NULL)
		return;
	if (offset % CONTEXT_STRIDE == CLAIM_REG)
		claim_write(plic, context, value);
	else if (offset % CONTEXT_STRIDE == THRESHOLD_REG)
		threshold_write(plic, context, value);
}

static int plic_write(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		      uint64_t value)
{
	struct plic *plic = plic_of(vdev);

	(void)region;
	if (!access_is_valid(offset, size))
		return -ENXIO;
	if (offset < PENDING_BASE)
		priority_write(plic, (unsigned int)(offset / 4), (uint32_t)value);
	else if (offset >= CONTEXT_BASE && offset < CONTEXT_REACH)
		context_area_write(plic, offset, (uint32_t)value);
	else if (offset >= ENABLE_BASE && offset < ENABLE_END)
		enable_area_write(plic, offset, (uint32_t)value);
	return 0;
}

/* ---- life ---- */

static void context_reset(const struct plic *plic, struct context *context)
{
	memset(context->enabled, 0, sizeof(context->enabled));
	memset(context->candidates, 0, sizeof(context->candidates));
	context->occupied = 0;
	context->threshold = 0;
	context_update(plic, context);
}

/*
 * The inputs' levels are not ours to reset: the devices drive them, and are reset before or after
 * us. What is high then asks again.
 */
static void plic_reset(struct vdev *vdev)
{
	struct plic *plic = plic_of(vdev);
	unsigned long flags = spin_lock_irqsave(&plic->lock);

	memset(plic->in_service, 0, sizeof(plic->in_service));
	memset(plic->priority, 0, sizeof(plic->priority));
	memset(plic->enabled_by, 0, sizeof(plic->enabled_by));
	memcpy(plic->pending, plic->level, sizeof(plic->pending));
	for (unsigned int i = 0; i < plic->context_count; i++)
		if (plic->contexts[i] != NULL)
			context_reset(plic, plic->contexts[i]);
	spin_unlock_irqrestore(&plic->lock, flags);
}

static void plic_destroy(struct vdev *vdev)
{
	struct plic *plic = plic_of(vdev);

	for (unsigned int i = 0; i < plic->context_count; i++)
		object_free(plic->contexts[i]);
	object_free(plic);
}

static const struct vdev_ops plic_ops = {
	.read = plic_read,
	.write = plic_write,
	.reset = plic_reset,
	.destroy = plic_destroy,
	.irq_set = plic_irq_set,
	.irq_watch = plic_irq_watch,
};

static int property_error(const struct vdev_config *config, struct error *error, const char *text)
{
	char path[PATH_SIZE];

	tree_path_get(config->fdt, config->node, path, sizeof(path));
	return error_set(error, -EINVAL, "%s: node %s: %s", config->file, path, text);
}

/* The VCPU whose own interrupt controller the pair's phandle names. */
static int context_vcpu_find(const struct vdev_config *config, unsigned int number,
			     unsigned int *vcpu)
{
	int controller =
		tree_phandle_get(config->fdt, config->node, "interrupts-extended", 2 * number);
	int cpu = controller < 0 ? controller : fdt_parent_offset(config->fdt, controller);
	uint64_t id;

	if (cpu < 0 || tree_u64_get(config->fdt, cpu, "reg", &id) < 0 || id >= GUEST_VCPU_MAX)
		return -EINVAL;
	*vcpu = (unsigned int)id;
	return 0;
}

static int context_create(const struct vdev_config *config, struct plic *plic, unsigned int number,
			  struct error *error)
{
	struct context *context;
	unsigned int vcpu;
	uint32_t input;

	if (tree_cell_get(config->fdt, config->node, "interrupts-extended", 2 * number + 1,
			  &input) < 0 ||
	    context_vcpu_find(config, number, &vcpu) < 0)
		return property_error(config, error,
				      "interrupts-extended must name interrupt controllers of "
				      "this guest's cpu nodes");
	if (input == INPUT_NONE)
		return 0;
	context = object_alloc(sizeof(*context));
	if (context == NULL)
		return error_set(error, -ENOMEM, "%s: no memory for interrupt contexts",
				 config->file);
	context->vcpu = vcpu;
	context->input = input;
	plic->contexts[number] = context;
	return 0;
}

static int contexts_create(const struct vdev_config *config, struct plic *plic, struct error *error)
{
	int cells = tree_cell_count(config->fdt, config->node, "interrupts-extended");

	if (cells <= 0 || cells % 2 != 0 || cells > 2 * (int)CONTEXT_MAX)
		return property_error(config, error,
				      "interrupts-extended must be 1 to 64 pairs of a phandle "
				      "and an input");
	plic->context_count = (unsigned int)cells / 2;
	for (unsigned int i = 0; i < plic->context_count; i++) {
		int result = context_create(config, plic, i, error);

		if (result < 0)
			return result;
	}
	return 0;
}

static int plic_create(const struct vdev_config *config, struct vdev **out, struct error *error)
{
	struct plic *plic;
	uint32_t sources;
	int result;

	if (tree_u32_get(config->fdt, config->node, "riscv,ndev", &sources) < 0 || sources == 0 ||
	    sources >= SOURCE_COUNT)
		return property_error(config, error,
				      "riscv,ndev must be one cell with a value from 1 to 1023");
	plic = object_alloc(sizeof(*plic));
	if (plic == NULL)
		return error_set(error, -ENOMEM, "%s: no memory for an interrupt controller",
				 config->file);
	plic->vdev.ops = &plic_ops;
	plic->vdev.guest = config->guest;
	plic->source_count = sources + 1;
	result = contexts_create(config, plic, error);
	if (result < 0) {
		plic_destroy(&plic->vdev);
		return result;
	}
	*out = &plic->vdev;
	return 0;
}

static const struct vdev_type plic_type = {
	.name = "plic",
	.compatible = (const char *const[]){ "sifive,plic-1.0.0", "riscv,plic0", NULL },
	.interrupt_controller = true,
	.create = plic_create,
};
VDEV_REGISTER(plic_type);
