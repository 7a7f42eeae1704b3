/* Tracing with ptrace(2), of events only: a process is stopped when it is started, when it executes a program and for
 * signals, never for a system call, so a traced build is hardly slower. */
#include <straylight/trace.h>

#include <straylight/base/os.h>
#include <straylight/base/vec.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define EVENTS                                                                                                        \
	(PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL)
#define WORDS_MAX ((size_t)64 << 20)
#define RESPONSE_MAX ((size_t)16 << 20)

/* What a compiler's result depends on beyond its words. */
static const char *const variables[] = {"CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "GCC_EXEC_PREFIX",
		"COMPILER_PATH", "SOURCE_DATE_EPOCH", "LD_LIBRARY_PATH"};

struct task { /* a thread or process that is being traced */
	pid_t pid;
	uint32_t runs;  /* 1 + the index of the process whose program it runs; 0: none yet */
	uint32_t own;   /* how many programs it executed itself, one in the place of the other */
	bool known;     /* who started it was reported */
	bool held;      /* it waits, stopped, until that is known */
	bool gone;
};

struct tracer {
	struct trace *trace;
	VEC(struct task) tasks;
	pid_t root;
	int status;
	bool leaving; /* the command has ended: let go of the rest */
	int64_t began;
};

static uint64_t now(const struct tracer *t)
{
	return (uint64_t)(os_now_ns() - t->began) / 1000;
}

/* Few live at a time, and a pid that ended may come again. */
static struct task *task_of(struct tracer *t, pid_t pid)
{
	struct task *free_one = NULL;

	for (size_t i = t->tasks.n; i-- > 0;) {
		if (!t->tasks.p[i].gone && t->tasks.p[i].pid == pid)
			return &t->tasks.p[i];
		if (t->tasks.p[i].gone)
			free_one = &t->tasks.p[i];
	}
	if (free_one) {
		*free_one = (struct task){.pid = pid};
		return free_one;
	}
	vec_push(&t->tasks, ((struct task){.pid = pid}));
	return &vec_last(&t->tasks);
}

static void go_on(struct tracer *t, struct task *task, int signal)
{
	/* a process that was killed meanwhile is no error: it is waited for as any */
	(void)ptrace(t->leaving ? PTRACE_DETACH : PTRACE_CONT, task->pid, NULL, (void *)(uintptr_t)signal);
	task->gone = t->leaving;
}

/* ---- what is executed ---- */

static str link_text(struct arena *a, pid_t pid, const char *what)
{
	char path[64], to[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, what);
	n = readlink(path, to, sizeof to);
	return n < 0 ? (str){0} : str_dup(a, str_of(to, (size_t)n));
}

static str proc_text(struct arena *a, pid_t pid, const char *what)
{
	char path[64];
	struct blob *b = NULL;
	str text = {0};

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, what);
	if (os_read(path, WORDS_MAX, &b) == 0) {
		text = str_dup(a, blob_str(b));
		blob_unref(b);
	}
	return text;
}

static const str *zero_ended(struct arena *a, str text, uint32_t *n)
{
	VEC(str) all = {0};
	str one, *out;

	while (text.n) {
		str_cut(text, '\0', &one, &text);
		vec_push(&all, one);
	}
	out = arena_array(a, str, all.n);
	if (all.n)
		memcpy(out, all.p, all.n * sizeof *out);
	*n = (uint32_t)all.n;
	vec_free(&all);
	return out;
}

static bool matters(str variable)
{
	str name, value;

	str_cut(variable, '=', &name, &value);
	for (size_t i = 0; i < SL_COUNT(variables); i++)
		if (str_eq(name, str_c(variables[i])))
			return true;
	return false;
}

static void keep_variables(struct arena *a, pid_t pid, struct trace_process *p)
{
	uint32_t n, kept = 0;
	const str *all = zero_ended(a, proc_text(a, pid, "environ"), &n);
	str *some = arena_array(a, str, n);

	for (uint32_t i = 0; i < n; i++)
		if (matters(all[i]))
			some[kept++] = all[i];
	p->variables = some;
	p->nvariables = kept;
}

/* Those that are there; the program may write over them or remove them, so they are read before it starts. */
static void keep_responses(struct arena *a, struct trace_process *p)
{
	VEC(struct trace_response) all = {0};
	struct trace_response *out;

	for (uint32_t i = 1; i < p->nwords; i++) {
		str name = str_from(p->words[i], 1);
		struct stat st;
		struct blob *b = NULL;
		char *path;

		if (!name.n || p->words[i].p[0] != '@')
			continue;
		path = name.p[0] == '/' ? (char *)(uintptr_t)str_dup(a, name).p : os_join(a, p->dir, name);
		if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || os_read(path, RESPONSE_MAX, &b) != 0)
			continue;
		vec_push(&all, ((struct trace_response){name, str_dup(a, blob_str(b))}));
		blob_unref(b);
	}
	out = arena_array(a, struct trace_response, all.n);
	if (all.n)
		memcpy(out, all.p, all.n * sizeof *out);
	p->responses = out;
	p->nresponses = (uint32_t)all.n;
	vec_free(&all);
}

static void executed(struct tracer *t, struct task *task)
{
	struct arena *a = &t->trace->arena;
	struct trace_process p = {.parent = task->runs, .status = TRACE_RUNNING, .start = now(t)};

	/* A program that replaces itself is the parent of what it becomes, and ends with it. */
	p.program = link_text(a, task->pid, "exe");
	p.dir = link_text(a, task->pid, "cwd");
	p.words = zero_ended(a, proc_text(a, task->pid, "cmdline"), &p.nwords);
	p.end = p.start;
	keep_variables(a, task->pid, &p);
	keep_responses(a, &p);
	vec_push(&t->trace->processes, p);
	task->runs = (uint32_t)t->trace->processes.n;
	task->own++;
}

/* ---- events ---- */

static void started(struct tracer *t, const struct task *by)
{
	uint32_t runs = by->runs;
	unsigned long pid = 0;
	struct task *child;

	if (ptrace(PTRACE_GETEVENTMSG, by->pid, NULL, &pid) < 0)
		return;
	child = task_of(t, (pid_t)pid); /* `by` may have moved */
	child->known = true;
	child->runs = runs;
	if (child->held)
		go_on(t, child, 0);
	child->held = false;
}

static bool stops_group(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

static void stopped(struct tracer *t, struct task *task, int status)
{
	int event = status >> 16, signal = WSTOPSIG(status);
	pid_t pid = task->pid;

	switch (event) {
	case 0: go_on(t, task, signal); return;
	case PTRACE_EVENT_EXEC: executed(t, task); break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE: started(t, task); break;
	case PTRACE_EVENT_STOP:
		if (!task->known && !t->leaving) {
			task->held = true;
			return;
		}
		if (stops_group(signal) && !t->leaving) {
			(void)ptrace(PTRACE_LISTEN, pid, NULL, NULL);
			return;
		}
		break;
	default: break;
	}
	go_on(t, task_of(t, pid), 0);
}

static void let_go(struct tracer *t)
{
	t->leaving = true;
	for (size_t i = 0; i < t->tasks.n; i++) {
		struct task *task = &t->tasks.p[i];

		if (task->gone)
			continue;
		if (task->held)
			go_on(t, task, 0);
		else
			(void)ptrace(PTRACE_INTERRUPT, task->pid, NULL, NULL);
	}
}

static void over(struct tracer *t, struct task *task, int status)
{
	int32_t code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	uint32_t runs = task->runs;

	task->gone = true;
	for (; task->own > 0; task->own--) {
		struct trace_process *p = &t->trace->processes.p[runs - 1];

		p->status = code;
		p->end = now(t);
		runs = p->parent;
	}
	if (task->pid == t->root) {
		t->status = code;
		let_go(t);
	}
}

static bool any_left(const struct tracer *t)
{
	for (size_t i = 0; i < t->tasks.n; i++)
		if (!t->tasks.p[i].gone)
			return true;
	return false;
}

static void follow(struct tracer *t)
{
	int status;

	while (!t->leaving || any_left(t)) {
		pid_t pid = waitpid(-1, &status, __WALL);
		struct task *task;

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return;
		task = task_of(t, pid);
		if (!WIFSTOPPED(status))
			over(t, task, status);
		else
			stopped(t, task, status);
	}
}

/* ---- the command ---- */

/* In the child: the tracer takes hold of it before it executes anything. */
static void run(int gate, int failure, char *const argv[])
{
	char byte;
	int err;

	if (read(gate, &byte, 1) == 1)
		execvp(argv[0], argv);
	err = errno;
	(void)!write(failure, &err, sizeof err);
	_exit(127);
}

static bool start(struct tracer *t, char *const argv[], struct diags *d)
{
	int gate[2], failure[2], err = 0;
	const char *what = "tracing";

	if (pipe2(gate, O_CLOEXEC) < 0 || pipe2(failure, O_CLOEXEC) < 0) {
		os_error(d, DIAG_IO, errno, "making", S("a pipe"));
		return false;
	}
	t->root = fork();
	if (t->root == 0)
		run(gate[0], failure[1], argv);
	close(gate[0]);
	close(failure[1]);
	if (t->root < 0 || ptrace(PTRACE_SEIZE, t->root, NULL, (void *)(uintptr_t)EVENTS) < 0) {
		err = errno;
	} else {
		struct task *task = task_of(t, t->root);

		task->known = true;
		(void)!write(gate[1], "", 1);
		follow(t);
		if (read(failure[0], &err, sizeof err) == (ssize_t)sizeof err)
			what = "executing";
		else
			err = 0;
	}
	close(gate[1]); /* a child that nobody traces ends */
	close(failure[0]);
	if (err)
		os_error(d, DIAG_TRACE, err, what, str_c(argv[0]));
	return err == 0;
}

bool trace_record(char *const argv[], struct trace *trace, int *status, struct diags *d)
{
	struct tracer t = {.trace = trace, .began = os_now_ns()};
	struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, quit;
	char dir[PATH_MAX];
	bool ok;

	if (!getcwd(dir, sizeof dir)) {
		os_error(d, DIAG_IO, errno, "finding", S("the current directory"));
		return false;
	}
	trace->dir = str_dup(&trace->arena, str_c(dir));
	trace->began = (uint64_t)os_wall_ns() / 1000;
	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	ok = start(&t, argv, d);
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	vec_free(&t.tasks);
	*status = t.status;
	return ok;
}
