// SPDX-License-Identifier: BSD-2-Clause
/*
 * The object allocator. Objects of up to almost a page come from slabs, pages that are divided into
 * slots of one size class; larger ones are whole pages, found again by a record in a tree. Since a
 * slab begins with its header, an object that starts on a page boundary is always a large one.
 *
 *	slab   | header | slot | slot | ... |
 *	slot   | object as asked for | canary bytes (debug) | tail |
 */
#include <corbel/arch.h>
#include <corbel/object.h>
#include <corbel/page.h>
#include <corbel/panic.h>
#include <corbel/spinlock.h>
#include <corbel/symbols.h>
#include <lib/list.h>
#include <lib/rbtree.h>
#include <lib/sanitizer.h>

#include <stdio.h>
#include <string.h>

#define SLAB_MAGIC	 0x51ab51abu
#define SLAB_HEADER_SIZE 64u
#define NO_SLOT		 UINT16_MAX

#define POISON_BYTE	 0xa5 /* fills free slots */
#define CANARY_BYTE	 0xc9 /* follows each object */
#define CANARY_SIZE_MIN	 8u
#define LARGE_CANARY_MAX 64u

#define CALLER_MAX 128u

#ifdef CORBEL_DEBUG
static const bool debug = true;
#else
static const bool debug = false;
#endif

/* Each divides what a page has behind the header with little left over. */
static const uint16_t slot_sizes[] = {
	32, 48, 64, 96, 128, 192, 240, 336, 400, 496, 576, 672, 800, 1008, 1344, 2016, 4032,
};
#define CLASS_COUNT ARRAY_SIZE(slot_sizes)

enum slot_state {
	SLOT_FREE = 0x0f4e,
	SLOT_LIVE = 0x11fe,
};

/* At the end of each slot. */
struct slot_tail {
	uint32_t size;	/* as asked for, while live */
	uint16_t link;	/* live: who allocated it; free: the next free slot of the slab */
	uint16_t state; /* enum slot_state */
};

/* At the start of its page. */
struct slab {
	struct list_node node; /* in the class's list while some slots are free, but not all */
	uint32_t magic;
	uint16_t class_index;
	uint16_t free_first; /* index of a slot, or NO_SLOT */
	uint16_t used_count;
};

struct object_class {
	struct list partial;
	struct slab *spare; /* one without live objects, kept for the next allocation */
};

/* Of an object that has pages of its own. */
struct large_object {
	struct rbtree_node node; /* by base */
	void *base;
	size_t size;
	unsigned int order;
	uint16_t caller;
};

/* A place that calls the allocator. The first stands for those that found the table full. */
struct caller {
	uintptr_t address; /* it returns there; 0: unused */
	uint64_t live_count, live_bytes;
};

static bool large_less(const struct rbtree_node *a, const struct rbtree_node *b);

static struct spinlock lock = SPINLOCK_INIT; /* of all below; the page allocator's comes after it */
static struct object_class classes[CLASS_COUNT];
static struct rbtree large_objects = { .less = large_less };
static struct caller callers[CALLER_MAX];
static struct object_statistics statistics;

/* ---- who holds what ---- */

static uint16_t caller_find(uintptr_t address)
{
	uint32_t start = (uint32_t)(address >> 2);

	for (uint32_t i = 0; i < CALLER_MAX - 1; i++) {
		uint16_t index = (uint16_t)(1 + (start + i) % (CALLER_MAX - 1));

		if (callers[index].address == 0)
			callers[index].address = address;
		if (callers[index].address == address)
			return index;
	}
	return 0;
}

static uint16_t account_alloc(uintptr_t address, size_t size)
{
	uint16_t caller = debug ? caller_find(address) : 0;

	statistics.live_count++;
	statistics.live_bytes += size;
	callers[caller].live_count++;
	callers[caller].live_bytes += size;
	return caller;
}

static void account_free(uint16_t caller, size_t size)
{
	ASSERT(caller < CALLER_MAX && callers[caller].live_count > 0);
	ASSERT(callers[caller].live_bytes >= size);
	statistics.live_count--;
	statistics.live_bytes -= size;
	callers[caller].live_count--;
	callers[caller].live_bytes -= size;
}

/* ---- slots ---- */

static unsigned int slot_count(unsigned int class_index)
{
	return (PAGE_SIZE - SLAB_HEADER_SIZE) / slot_sizes[class_index];
}

static uint8_t *slot_at(struct slab *slab, unsigned int index)
{
	return (uint8_t *)slab + SLAB_HEADER_SIZE + index * slot_sizes[slab->class_index];
}

/* How much of a slot lies before its tail. */
static size_t slot_room(const struct slab *slab)
{
	return slot_sizes[slab->class_index] - sizeof(struct slot_tail);
}

static struct slot_tail *slot_tail(const struct slab *slab, uint8_t *slot)
{
	return (struct slot_tail *)(slot + slot_room(slab));
}

static bool bytes_are(const uint8_t *bytes, uint8_t value, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (bytes[i] != value)
			return false;
	}
	return true;
}

static void slot_push(struct slab *slab, unsigned int index)
{
	uint8_t *slot = slot_at(slab, index);
	struct slot_tail *tail = slot_tail(slab, slot);

	if (debug)
		memset(slot, POISON_BYTE, slot_room(slab));
	memory_forbid(slot, slot_room(slab));
	tail->state = SLOT_FREE;
	tail->link = slab->free_first;
	slab->free_first = (uint16_t)index;
}

static uint8_t *slot_pop(struct slab *slab)
{
	uint8_t *slot = slot_at(slab, slab->free_first);
	struct slot_tail *tail = slot_tail(slab, slot);

	ASSERT(tail->state == SLOT_FREE);
	memory_allow(slot, slot_room(slab));
	if (debug && !bytes_are(slot, POISON_BYTE, slot_room(slab)))
		panic("object %p was written to after it had been freed", (void *)slot);
	slab->free_first = tail->link;
	return slot;
}

/* ---- slabs ---- */

static struct slab *slab_create(unsigned int class_index)
{
	struct slab *slab;
	hpa_t page;

	if (page_alloc(0, PAGE_USE_OBJECT, &page) != 0)
		return NULL;
	slab = arch_hpa_to_pointer(page);
	slab->magic = SLAB_MAGIC;
	slab->class_index = (uint16_t)class_index;
	slab->free_first = NO_SLOT;
	slab->used_count = 0;
	for (unsigned int i = slot_count(class_index); i > 0; i--)
		slot_push(slab, i - 1);
	statistics.page_bytes += PAGE_SIZE;
	return slab;
}

static void slab_destroy(struct slab *slab)
{
	ASSERT(slab->used_count == 0);
	slab->magic = 0;
	memory_allow(slab, PAGE_SIZE);
	statistics.page_bytes -= PAGE_SIZE;
	page_free(arch_pointer_to_hpa(slab), 0, PAGE_USE_OBJECT);
}

/* One with a free slot, on the class's list; NULL: no memory. */
static struct slab *slab_get(unsigned int class_index)
{
	struct object_class *class = &classes[class_index];
	struct slab *slab = class->spare;

	if (class->partial.head.next == NULL)
		list_init(&class->partial);
	if (!list_is_empty(&class->partial))
		return list_entry(list_first(&class->partial), struct slab, node);
	class->spare = NULL;
	if (slab == NULL)
		slab = slab_create(class_index);
	if (slab != NULL)
		list_add_first(&class->partial, &slab->node);
	return slab;
}

/* The class whose slots hold `size` bytes and what goes with them; CLASS_COUNT: too large. */
static unsigned int class_for(size_t size)
{
	size_t needed = size + sizeof(struct slot_tail) + (debug ? CANARY_SIZE_MIN : 0);
	unsigned int index = 0;

	while (index < CLASS_COUNT && slot_sizes[index] < needed)
		index++;
	return index;
}

/* A live slot for an object of `size` bytes, not yet accounted for. */
static uint8_t *slab_alloc(unsigned int class_index, size_t size, struct slot_tail **tail)
{
	struct slab *slab = slab_get(class_index);
	uint8_t *slot;

	if (slab == NULL)
		return NULL;
	slot = slot_pop(slab);
	slab->used_count++;
	if (slab->free_first == NO_SLOT)
		list_remove(&slab->node);
	*tail = slot_tail(slab, slot);
	(*tail)->size = (uint32_t)size;
	(*tail)->link = 0;
	(*tail)->state = SLOT_LIVE;
	memset(slot, 0, size);
	if (debug)
		memset(slot + size, CANARY_BYTE, slot_room(slab) - size);
	memory_forbid(slot + size, slot_room(slab) - size);
	return slot;
}

static void slab_retire(struct slab *slab)
{
	struct object_class *class = &classes[slab->class_index];

	list_remove(&slab->node);
	if (class->spare == NULL)
		class->spare = slab;
	else
		slab_destroy(slab);
}

/* Checks the slot and gives it back; what it says of its object is left in `*former`. */
static void slab_free(uint8_t *slot, struct slot_tail *former)
{
	struct slab *slab = (struct slab *)ALIGN_DOWN((uintptr_t)slot, PAGE_SIZE);
	uintptr_t offset = (uintptr_t)slot - (uintptr_t)slab - SLAB_HEADER_SIZE;
	struct slot_tail *tail;

	ASSERT(slab->magic == SLAB_MAGIC && slab->class_index < CLASS_COUNT);
	ASSERT(offset % slot_sizes[slab->class_index] == 0);
	tail = slot_tail(slab, slot);
	ASSERT(tail->state != SLOT_FREE); /* freed twice */
	ASSERT(tail->state == SLOT_LIVE && tail->size <= slot_room(slab));
	*former = *tail;
	memory_allow(slot, slot_room(slab));
	if (debug && !bytes_are(slot + tail->size, CANARY_BYTE, slot_room(slab) - tail->size))
		panic("object %p was written to behind its %u bytes", (void *)slot, tail->size);
	if (slab->free_first == NO_SLOT)
		list_add_first(&classes[slab->class_index].partial, &slab->node);
	slot_push(slab, (unsigned int)(offset / slot_sizes[slab->class_index]));
	slab->used_count--;
	if (slab->used_count == 0)
		slab_retire(slab);
}

static void *small_alloc(unsigned int class_index, size_t size, uintptr_t caller)
{
	unsigned long flags = spin_lock_irqsave(&lock);
	struct slot_tail *tail;
	uint8_t *slot = slab_alloc(class_index, size, &tail);

	if (slot != NULL)
		tail->link = account_alloc(caller, size);
	spin_unlock_irqrestore(&lock, flags);
	return slot;
}

static void small_free(void *object)
{
	unsigned long flags = spin_lock_irqsave(&lock);
	struct slot_tail former;

	slab_free(object, &former);
	account_free(former.link, former.size);
	spin_unlock_irqrestore(&lock, flags);
}

/* ---- large objects ---- */

static bool large_less(const struct rbtree_node *a, const struct rbtree_node *b)
{
	const struct large_object *left = container_of(a, struct large_object, node);
	const struct large_object *right = container_of(b, struct large_object, node);

	return (uintptr_t)left->base < (uintptr_t)right->base;
}

static unsigned int order_for(size_t size)
{
	unsigned int order = 0;

	while ((PAGE_SIZE << order) < size)
		order++;
	return order;
}

/* What lies behind a large object in its pages, as far as it is looked at. */
static size_t large_canary_size(const struct large_object *large)
{
	return MIN((PAGE_SIZE << large->order) - large->size, LARGE_CANARY_MAX);
}

static struct large_object *large_find(const void *base)
{
	struct rbtree_node *node = large_objects.root;

	while (node != NULL) {
		struct large_object *large = container_of(node, struct large_object, node);

		if (large->base == base)
			return large;
		node = node->child[(uintptr_t)base > (uintptr_t)large->base];
	}
	return NULL;
}

/* Records the object; false where there is no memory for that. */
static bool large_insert(const struct large_object *object, uintptr_t caller)
{
	unsigned long flags = spin_lock_irqsave(&lock);
	struct large_object *large;
	struct slot_tail *tail;

	large = (struct large_object *)slab_alloc(class_for(sizeof(*large)), sizeof(*large), &tail);
	if (large != NULL) {
		*large = *object;
		large->caller = account_alloc(caller, object->size);
		rbtree_insert(&large_objects, &large->node);
		statistics.page_bytes += PAGE_SIZE << object->order;
	}
	spin_unlock_irqrestore(&lock, flags);
	return large != NULL;
}

static void *large_alloc(size_t size, uintptr_t caller)
{
	struct large_object large = { .size = size, .order = order_for(size) };
	hpa_t pages;

	if (page_alloc_zeroed(large.order, PAGE_USE_OBJECT, &pages) != 0)
		return NULL;
	large.base = arch_hpa_to_pointer(pages);
	if (debug)
		memset((uint8_t *)large.base + size, CANARY_BYTE, large_canary_size(&large));
	memory_forbid((uint8_t *)large.base + size, (PAGE_SIZE << large.order) - size);
	if (large_insert(&large, caller))
		return large.base;
	memory_allow(large.base, PAGE_SIZE << large.order);
	page_free(pages, large.order, PAGE_USE_OBJECT);
	return NULL;
}

static void large_free(void *base)
{
	unsigned long flags = spin_lock_irqsave(&lock);
	struct large_object *large = large_find(base), former;
	struct slot_tail tail;

	ASSERT(large != NULL); /* freed twice, or never allocated */
	former = *large;
	memory_allow(base, PAGE_SIZE << former.order);
	if (debug &&
	    !bytes_are((uint8_t *)base + former.size, CANARY_BYTE, large_canary_size(&former)))
		panic("object %p was written to behind its %zu bytes", base, former.size);
	rbtree_remove(&large_objects, &large->node);
	slab_free((uint8_t *)large, &tail);
	account_free(former.caller, former.size);
	statistics.page_bytes -= PAGE_SIZE << former.order;
	spin_unlock_irqrestore(&lock, flags);
	page_free(arch_pointer_to_hpa(base), former.order, PAGE_USE_OBJECT);
}

/* ---- for all to use ---- */

static void *alloc_for(uintptr_t caller, size_t size)
{
	unsigned int class_index;

	if (size == 0 || size > OBJECT_SIZE_MAX)
		return NULL;
	class_index = class_for(size);
	if (class_index == CLASS_COUNT)
		return large_alloc(size, caller);
	return small_alloc(class_index, size, caller);
}

void *object_alloc(size_t size)
{
	return alloc_for((uintptr_t)__builtin_return_address(0), size);
}

void *object_alloc_array(size_t count, size_t size)
{
	if (size == 0 || count > OBJECT_SIZE_MAX / size)
		return NULL;
	return alloc_for((uintptr_t)__builtin_return_address(0), count * size);
}

char *object_strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = alloc_for((uintptr_t)__builtin_return_address(0), size);

	if (copy != NULL)
		memcpy(copy, text, size);
	return copy;
}

void object_free(void *object)
{
	if (object == NULL)
		return;
	if (IS_ALIGNED((uintptr_t)object, PAGE_SIZE))
		large_free(object);
	else
		small_free(object);
}

void object_statistics_get(struct object_statistics *out)
{
	unsigned long flags = spin_lock_irqsave(&lock);

	*out = statistics;
	spin_unlock_irqrestore(&lock, flags);
}

void object_trim(void)
{
	for (unsigned int i = 0; i < CLASS_COUNT; i++) {
		unsigned long flags = spin_lock_irqsave(&lock);

		if (classes[i].spare != NULL)
			slab_destroy(classes[i].spare);
		classes[i].spare = NULL;
		spin_unlock_irqrestore(&lock, flags);
	}
}

/* ---- the table of live objects ---- */

static struct caller caller_get(unsigned int index)
{
	unsigned long flags = spin_lock_irqsave(&lock);
	struct caller caller = callers[index];

	spin_unlock_irqrestore(&lock, flags);
	return caller;
}

/* The name of the function that a caller is in, NULL: not known. */
static const char *caller_name(const struct caller *caller)
{
	uintptr_t offset;

	/* It returns behind the call, perhaps behind the function. */
	return caller->address == 0 ? NULL : symbol_find(caller->address - 1, &offset);
}

/* Whether a row before this one is in the same function, and so has shown it already. */
static bool caller_is_shown(unsigned int index, const char *name)
{
	for (unsigned int i = 0; i < index; i++) {
		struct caller caller = caller_get(i);

		if (name != NULL && caller_name(&caller) == name)
			return true;
	}
	return false;
}

/* Adds what the rows behind this one have in the same function. */
static void caller_collect(unsigned int index, const char *name, struct caller *sum)
{
	for (unsigned int i = index + 1; i < CALLER_MAX && name != NULL; i++) {
		struct caller caller = caller_get(i);

		if (caller_name(&caller) != name)
			continue;
		sum->live_count += caller.live_count;
		sum->live_bytes += caller.live_bytes;
	}
}

static void caller_print(struct printer *printer, unsigned int index)
{
	struct caller caller = caller_get(index);
	const char *name = caller_name(&caller);
	char address[24];

	if (caller_is_shown(index, name))
		return;
	caller_collect(index, name, &caller);
	if (caller.live_count == 0)
		return;
	if (name == NULL) {
		(void)snprintf(address, sizeof(address), "%p", (void *)caller.address);
		name = caller.address == 0 ? "(others)" : address;
	}
	print(printer, "%-32s %8llu %12llu\n", name, (unsigned long long)caller.live_count,
	      (unsigned long long)caller.live_bytes);
}

void object_print(struct printer *printer)
{
	print(printer, "%-32s %8s %12s\n", "ALLOCATED BY", "OBJECTS", "BYTES");
	for (unsigned int i = 0; i < CALLER_MAX; i++)
		caller_print(printer, i);
}
