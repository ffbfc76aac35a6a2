// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tests whose bodies run as threads of the fake machine, as a table. Needs <cmocka.h> and what that
 * needs before it.
 */
#ifndef BODIES_H
#define BODIES_H

#include <fake_guest.h>
#include <fake_machine.h>

struct body {
	const char *name;
	void (*function)(void *argument);
	void *argument;
};

#define BODY(function)                    \
	{                                 \
#function, function, NULL \
	}

static inline void body_run(void **state)
{
	const struct body *body = *state;

	fake_machine_run(body->function, body->argument);
}

static inline struct CMUnitTest body_test(const struct body *body, CMFixtureFunction setup,
					  CMFixtureFunction teardown)
{
	return (struct CMUnitTest){ body->name, body_run, setup, teardown, (void *)body };
}

static inline void body_manager_start(void *argument)
{
	(void)argument;
	assert_int_equal(fake_guest_manager_start(), 0);
}

/* A group's set-up: a machine of two CPUs with the guests' manager. */
static inline int bodies_setup_manager(void **state)
{
	(void)state;
	fake_machine_start(2);
	fake_machine_run(body_manager_start, NULL);
	return 0;
}

#endif
