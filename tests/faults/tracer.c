/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tracer record OUT -- COMMAND...
 *     runs it and writes a line for each system call of it and its children to OUT:
 *     PROCESS NUMBER RESULT ARG1 ARG2 ARG3 (PROCESS 0 is the command itself)
 * tracer kill PROCESS NUMBER NTH -- COMMAND...
 *     SIGKILL where that process makes call NUMBER for the NTH time: it is not carried
 * out tracer fail PROCESS NUMBER NTH ERRNO -- COMMAND... that call is not carried out,
 * and fails so
 *
 * Ends as the command ended, when all its children have ended too; with 200 when the
 * point was not reached. Addresses are not randomized, so that every run makes the same
 * calls. To strike, a filter stops the processes at calls NUMBER alone: the others run at
 * full speed. For x86-64.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 64
#define NOT_REACHED 200
#define BROKEN 201

enum what { RECORD, KILL, FAIL };

struct process {
    pid_t pid;
    unsigned long calls; /* RECORD: all; else those NUMBER */
    bool inside;
    struct user_regs_struct entry;
};

struct tracer {
    enum what what;
    FILE *out;
    size_t process; /* the point */
    long number;
    unsigned long nth;
    int error;
    bool done;
    struct process all[PROCESSES];
    size_t count;
};

static void die(const char *what)
{
    perror(what);
    exit(BROKEN);
}

static struct process *process_of(struct tracer *t, pid_t pid)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->all[i].pid == pid)
            return &t->all[i];
    if (t->count == PROCESSES)
        die("too many processes");
    t->all[t->count] = (struct process){.pid = pid};
    return &t->all[t->count++];
}

static void line(struct tracer *t, const struct process *p, long long result)
{
    const struct user_regs_struct *r = &p->entry;

    fprintf(t->out, "%zu %lld %lld %llu %llu %llu\n", (size_t)(p - t->all),
            (long long)r->orig_rax, result, r->rdi, r->rsi, r->rdx);
}

/* Into a call or out of it. */
static void passed(struct tracer *t, struct process *p)
{
    struct user_regs_struct regs;

    p->inside = !p->inside;
    if (ptrace(PTRACE_GETREGS, p->pid, NULL, &regs) < 0)
        return; /* it has just been killed */
    if (p->inside)
        p->entry = regs;
    else
        line(t, p, (long long)regs.rax);
}

/* Before a call NUMBER. */
static void strike(struct tracer *t, struct process *p)
{
    struct user_regs_struct regs;

    p->calls++;
    if (t->done || t->process != (size_t)(p - t->all) || t->nth != p->calls)
        return;
    t->done = true;
    if (t->what == KILL) {
        kill(p->pid, SIGKILL);
        return;
    }
    if (ptrace(PTRACE_GETREGS, p->pid, NULL, &regs) < 0)
        return;
    regs.orig_rax =
        (unsigned long long)-1; /* no call: what stands in RAX is its result */
    regs.rax = (unsigned long long)-t->error;
    ptrace(PTRACE_SETREGS, p->pid, NULL, &regs);
}

/* A process stopped: the signal to go on with. */
static int stopped(struct tracer *t, struct process *p, int status)
{
    int sig = WSTOPSIG(status), event = status >> 16;

    if (sig == (SIGTRAP | 0x80))
        passed(t, p);
    else if (event == PTRACE_EVENT_SECCOMP)
        strike(t, p);
    else if (!event && sig != SIGSTOP && sig != SIGTRAP)
        return sig;
    return 0;
}

static int follow(struct tracer *t)
{
    int status, last = 0;
    pid_t pid;

    while ((pid = waitpid(-1, &status, __WALL)) > 0) {
        struct process *p = process_of(t, pid);

        if (WIFSTOPPED(status)) {
            int sig = stopped(t, p, status);

            ptrace(t->what == RECORD ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL,
                   (long)sig);
            continue;
        }
        if (t->what == RECORD && p->inside) /* exit_group does not come back */
            line(t, p, 0);
        if (p == t->all)
            last = status;
    }
    return last;
}

/* Stop at calls NUMBER. */
static int filter(long number)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(code) / sizeof(*code), code};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static pid_t start(const struct tracer *t, char **command)
{
    const struct rlimit none = {0, 0};
    pid_t pid = fork();

    if (pid)
        return pid;
    personality(ADDR_NO_RANDOMIZE);
    setrlimit(RLIMIT_CORE, &none);
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    kill(getpid(), SIGSTOP);
    if (t->what == RECORD || filter(t->number) == 0)
        execv(command[0], command);
    _exit(BROKEN);
}

static int trace(struct tracer *t, char **command)
{
    const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC |
                         PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                         PTRACE_O_TRACESECCOMP;
    pid_t pid = start(t, command);
    int status;

    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        die("fork");
    if (ptrace(PTRACE_SETOPTIONS, pid, NULL, options) < 0)
        die("ptrace");
    process_of(t, pid);
    ptrace(t->what == RECORD ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL, 0L);
    status = follow(t);
    if (t->out && fclose(t->out) != 0)
        die("writing");
    if (t->what != RECORD && !t->done)
        return NOT_REACHED;
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
    return 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *word;
        int words;
    } modes[] = {[RECORD] = {"record", 1}, [KILL] = {"kill", 3}, [FAIL] = {"fail", 4}};
    static struct tracer t;

    for (int what = RECORD; what <= FAIL; what++) {
        int words = modes[what].words;

        if (argc < words + 4 || strcmp(argv[1], modes[what].word) ||
            strcmp(argv[words + 2], "--"))
            continue;
        t.what = (enum what)what;
        if (what == RECORD) {
            t.out = fopen(argv[2], "we");
            if (!t.out)
                die(argv[2]);
        } else {
            t.process = strtoul(argv[2], NULL, 10);
            t.number = strtol(argv[3], NULL, 10);
            t.nth = strtoul(argv[4], NULL, 10);
            t.error = what == FAIL ? atoi(argv[5]) : 0;
        }
        return trace(&t, argv + words + 3);
    }
    fprintf(stderr, "tracer: see the head of tracer.c\n");
    return BROKEN;
}
