// SPDX-License-Identifier: BSD-2-Clause
/*
 * Doubly linked lists whose nodes live inside the things they link. No allocation, no locking.
 */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_node {
	struct list_node *previous;
	struct list_node *next;
};

struct list {
	struct list_node head; /* its next is the first, its previous the last */
};

#define LIST_INIT(list)                                \
	{                                              \
		.head = { &(list).head, &(list).head } \
	}

static inline void list_init(struct list *list)
{
	list->head.previous = &list->head;
	list->head.next = &list->head;
}

static inline bool list_is_empty(const struct list *list)
{
	return list->head.next == &list->head;
}

static inline void list_insert_between(struct list_node *node, struct list_node *previous,
				       struct list_node *next)
{
	node->previous = previous;
	node->next = next;
	previous->next = node;
	next->previous = node;
}

static inline void list_add_first(struct list *list, struct list_node *node)
{
	list_insert_between(node, &list->head, list->head.next);
}

static inline void list_add_last(struct list *list, struct list_node *node)
{
	list_insert_between(node, list->head.previous, &list->head);
}

/* The node must be on a list; afterwards it is on none. */
static inline void list_remove(struct list_node *node)
{
	node->previous->next = node->next;
	node->next->previous = node->previous;
	node->previous = NULL;
	node->next = NULL;
}

/* NULL where the list is empty. */
static inline struct list_node *list_first(const struct list *list)
{
	return list_is_empty(list) ? NULL : list->head.next;
}

/* The node after this one, NULL behind the last. */
static inline struct list_node *list_next(const struct list *list, const struct list_node *node)
{
	return node->next == &list->head ? NULL : node->next;
}

#define list_entry(node, type, member) ((type *)((char *)(node)-offsetof(type, member)))

/* The body must not remove the current entry; use list_for_each_safe() for that. */
#define list_for_each(list, node) \
	for (struct list_node *node = (list)->head.next; node != &(list)->head; node = node->next)

#define list_for_each_safe(list, node)                                              \
	for (struct list_node *node = (list)->head.next, *node##_next = node->next; \
	     node != &(list)->head; node = node##_next, node##_next = node->next)

#endif
