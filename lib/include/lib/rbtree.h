// SPDX-License-Identifier: BSD-2-Clause
/*
 * Red-black trees whose nodes live inside the things they order. No allocation, no locking.
 */
#ifndef LIB_RBTREE_H
#define LIB_RBTREE_H

#include <stdbool.h>
#include <stddef.h>

struct rbtree_node {
	struct rbtree_node *parent;
	struct rbtree_node *child[2]; /* smaller, larger */
	bool red;
};

/* Whether `a` sorts before `b`. Equal keys are allowed: the later one inserted sorts behind. */
typedef bool rbtree_less_t(const struct rbtree_node *a, const struct rbtree_node *b);

struct rbtree {
	struct rbtree_node *root;
	struct rbtree_node *first; /* the smallest, kept so that reading it costs nothing */
	rbtree_less_t *less;
};

void rbtree_init(struct rbtree *tree, rbtree_less_t *less);
void rbtree_insert(struct rbtree *tree, struct rbtree_node *node);
void rbtree_remove(struct rbtree *tree, struct rbtree_node *node);

/* The smallest node; NULL where the tree is empty. */
static inline struct rbtree_node *rbtree_first(const struct rbtree *tree)
{
	return tree->first;
}

/* The next larger node, or NULL. */
struct rbtree_node *rbtree_next(const struct rbtree_node *node);

#endif
