// SPDX-License-Identifier: BSD-2-Clause
/*
 * Red-black trees: a red node has no red child, and every way from the root down to an absent
 * child passes the same number of black nodes; so no way is twice as long as another.
 *
 * Each step below is written once for both sides: `side` is that of the node under its parent.
 */
#include <lib/rbtree.h>

static bool is_red(const struct rbtree_node *node)
{
	return node != NULL && node->red;
}

/* Which child of its parent the node is; the node must have one. */
static int side_of(const struct rbtree_node *node)
{
	return node->parent->child[1] == node;
}

/* Puts `replacement` (may be NULL) where `node` hangs in the tree. */
static void replace(struct rbtree *tree, struct rbtree_node *node, struct rbtree_node *replacement)
{
	if (node->parent == NULL)
		tree->root = replacement;
	else
		node->parent->child[side_of(node)] = replacement;
	if (replacement != NULL)
		replacement->parent = node->parent;
}

/* Moves the node down to `side`; its child on the other side takes its place. */
static void rotate(struct rbtree *tree, struct rbtree_node *node, int side)
{
	struct rbtree_node *up = node->child[!side];

	replace(tree, node, up);
	node->child[!side] = up->child[side];
	if (node->child[!side] != NULL)
		node->child[!side]->parent = node;
	up->child[side] = node;
	node->parent = up;
}

static struct rbtree_node *outermost(struct rbtree_node *node, int side)
{
	while (node->child[side] != NULL)
		node = node->child[side];
	return node;
}

void rbtree_init(struct rbtree *tree, rbtree_less_t *less)
{
	tree->root = NULL;
	tree->first = NULL;
	tree->less = less;
}

struct rbtree_node *rbtree_next(const struct rbtree_node *node)
{
	if (node->child[1] != NULL)
		return outermost(node->child[1], 0);
	while (node->parent != NULL && side_of(node) == 1)
		node = node->parent;
	return node->parent;
}

/* The node is red; ends when its parent is not. */
static void insert_rebalance(struct rbtree *tree, struct rbtree_node *node)
{
	while (is_red(node->parent)) {
		struct rbtree_node *parent = node->parent, *grandparent = parent->parent;
		int side = side_of(parent);
		struct rbtree_node *uncle = grandparent->child[!side];

		if (is_red(uncle)) {
			parent->red = false;
			uncle->red = false;
			grandparent->red = true;
			node = grandparent;
			continue;
		}
		if (side_of(node) != side) {
			rotate(tree, parent, side);
			parent = node;
		}
		parent->red = false;
		grandparent->red = true;
		rotate(tree, grandparent, !side);
		break;
	}
	tree->root->red = false;
}

void rbtree_insert(struct rbtree *tree, struct rbtree_node *node)
{
	struct rbtree_node **link = &tree->root, *parent = NULL;
	bool first = true;

	while (*link != NULL) {
		bool smaller = tree->less(node, *link);

		parent = *link;
		link = &parent->child[smaller ? 0 : 1];
		first = first && smaller;
	}
	node->parent = parent;
	node->child[0] = NULL;
	node->child[1] = NULL;
	node->red = true;
	*link = node;
	if (first)
		tree->first = node;
	insert_rebalance(tree, node);
}

/*
 * The ways through child `side` of `parent` have one black node too few. Returns the parent if it
 * has that fault in its turn, NULL when all is well.
 */
static struct rbtree_node *remove_rebalance_step(struct rbtree *tree, struct rbtree_node *parent,
						 int side)
{
	struct rbtree_node *sibling = parent->child[!side];

	if (is_red(sibling)) {
		sibling->red = false;
		parent->red = true;
		rotate(tree, parent, side);
		sibling = parent->child[!side];
	}
	if (!is_red(sibling->child[0]) && !is_red(sibling->child[1])) {
		bool done = parent->red;

		sibling->red = true;
		parent->red = false;
		return done ? NULL : parent;
	}
	if (!is_red(sibling->child[!side])) {
		sibling->child[side]->red = false;
		sibling->red = true;
		rotate(tree, sibling, !side);
		sibling = parent->child[!side];
	}
	sibling->red = parent->red;
	parent->red = false;
	sibling->child[!side]->red = false;
	rotate(tree, parent, side);
	return NULL;
}

static void remove_rebalance(struct rbtree *tree, struct rbtree_node *parent, int side)
{
	for (;;) {
		struct rbtree_node *faulty = remove_rebalance_step(tree, parent, side);

		if (faulty == NULL || faulty->parent == NULL)
			return;
		side = side_of(faulty);
		parent = faulty->parent;
	}
}

/* Lets the next larger node, which has no smaller child, take the place of `node`. */
static void exchange_with_next(struct rbtree *tree, struct rbtree_node *node)
{
	struct rbtree_node *next = outermost(node->child[1], 0);
	struct rbtree_node former = *next;

	replace(tree, node, next);
	next->red = node->red;
	next->child[0] = node->child[0];
	next->child[0]->parent = next;
	if (former.parent == node) {
		next->child[1] = node;
		node->parent = next;
	} else {
		next->child[1] = node->child[1];
		next->child[1]->parent = next;
		former.parent->child[0] = node;
		node->parent = former.parent;
	}
	node->red = former.red;
	node->child[0] = NULL;
	node->child[1] = former.child[1];
	if (node->child[1] != NULL)
		node->child[1]->parent = node;
}

void rbtree_remove(struct rbtree *tree, struct rbtree_node *node)
{
	struct rbtree_node *child, *parent;
	int side;

	if (tree->first == node)
		tree->first = rbtree_next(node);
	if (node->child[0] != NULL && node->child[1] != NULL)
		exchange_with_next(tree, node);
	child = node->child[0] != NULL ? node->child[0] : node->child[1];
	parent = node->parent;
	side = parent != NULL ? side_of(node) : 0;
	replace(tree, node, child);
	/* An only child is red and its parent black: the child takes over the colour. */
	if (child != NULL)
		child->red = false;
	else if (!node->red && parent != NULL)
		remove_rebalance(tree, parent, side);
}
