// SPDX-License-Identifier: BSD-2-Clause
/*
 * Red-black trees: their invariants and their order after each of many random steps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <corbel/types.h>
#include <lib/rbtree.h>
#include <sequence.h>

#define ITEM_COUNT 300u

struct item {
	struct rbtree_node node;
	unsigned int key;
	unsigned int serial; /* when it was inserted */
	bool inserted;
};

static struct item items[ITEM_COUNT];

static struct item *item_of(const struct rbtree_node *node)
{
	return container_of(node, struct item, node);
}

static bool item_less(const struct rbtree_node *a, const struct rbtree_node *b)
{
	return item_of(a)->key < item_of(b)->key;
}

/* Checks colours, parents and black heights below the node; returns the height and counts nodes. */
static unsigned int check_below(const struct rbtree_node *node, unsigned int *count)
{
	unsigned int left, right;

	if (node == NULL)
		return 0;
	(*count)++;
	for (int side = 0; side < 2; side++) {
		const struct rbtree_node *child = node->child[side];

		if (child == NULL)
			continue;
		assert_ptr_equal(child->parent, node);
		assert_false(node->red && child->red);
	}
	left = check_below(node->child[0], count);
	right = check_below(node->child[1], count);
	assert_int_equal(left, right);
	return left + !node->red;
}

/* Walks the tree: ascending keys, equal keys in the order of insertion, nothing lost. */
static void check_order(const struct rbtree *tree, unsigned int expected)
{
	const struct item *previous = NULL;
	unsigned int count = 0;

	for (struct rbtree_node *node = rbtree_first(tree); node != NULL;
	     node = rbtree_next(node)) {
		const struct item *item = item_of(node);

		assert_true(item->inserted);
		if (previous != NULL && previous->key == item->key)
			assert_true(previous->serial < item->serial);
		else if (previous != NULL)
			assert_true(previous->key < item->key);
		previous = item;
		count++;
	}
	assert_int_equal(count, expected);
}

static void check(const struct rbtree *tree, unsigned int expected)
{
	unsigned int count = 0;

	if (tree->root != NULL) {
		assert_null(tree->root->parent);
		assert_false(tree->root->red);
	}
	check_below(tree->root, &count);
	assert_int_equal(count, expected);
	check_order(tree, expected);
}

static void toggle(struct rbtree *tree, struct item *item, unsigned int key, unsigned int *count)
{
	static unsigned int serial;

	if (item->inserted) {
		item->inserted = false;
		rbtree_remove(tree, &item->node);
		memset(&item->node, 0xee, sizeof(item->node));
		(*count)--;
	} else {
		item->key = key;
		item->serial = serial++;
		item->inserted = true;
		rbtree_insert(tree, &item->node);
		(*count)++;
	}
}

/* Random insertions and removals of keys below `key_limit`: few keys make many equal. */
static void churn(uint64_t seed, unsigned int key_limit)
{
	struct rbtree tree;
	unsigned int count = 0;

	memset(items, 0, sizeof(items));
	rbtree_init(&tree, item_less);
	for (unsigned int step = 0; step < 3000; step++) {
		struct item *item = &items[sequence_below(&seed, ITEM_COUNT)];

		toggle(&tree, item, (unsigned int)sequence_below(&seed, key_limit), &count);
		check(&tree, count);
	}
	for (unsigned int i = 0; i < ITEM_COUNT; i++) {
		if (items[i].inserted)
			toggle(&tree, &items[i], 0, &count);
		check(&tree, count);
	}
	assert_null(tree.root);
	assert_null(rbtree_first(&tree));
}

static void test_churn(void **state)
{
	(void)state;
	churn(1, 1000000);
	churn(2, 100);
	churn(3, 5);
	churn(4, 1);
}

/* Keys in order, then removal from either end. */
static void test_sorted(void **state)
{
	(void)state;
	for (unsigned int variant = 0; variant < 4; variant++) {
		struct rbtree tree;
		unsigned int count = 0;

		memset(items, 0, sizeof(items));
		rbtree_init(&tree, item_less);
		for (unsigned int i = 0; i < ITEM_COUNT; i++)
			toggle(&tree, &items[i], variant & 1 ? ITEM_COUNT - i : i, &count);
		check(&tree, ITEM_COUNT);
		for (unsigned int i = 0; i < ITEM_COUNT; i++) {
			toggle(&tree, &items[variant & 2 ? ITEM_COUNT - 1 - i : i], 0, &count);
			check(&tree, count);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_churn),
		cmocka_unit_test(test_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
