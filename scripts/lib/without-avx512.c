/*
 * LD_PRELOAD: a processor with AVX-512 that says it has none, so that libraries which look take what they have for AVX2.
 *
 * Linux lets a process have its CPUID instructions fault (arch_prctl, where /proc/cpuinfo says cpuid_fault); the fault is
 * answered here with what the processor says, less AVX-512 and AMX. Threads inherit it, and processes that load this file.
 *
 *   cc -O2 -shared -fPIC -o without-avx512.so without-avx512.c -ldl
 */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <cpuid.h>
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

/* Of leaf 7: F, DQ, IFMA, PF, ER, CD, BW, VL; VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ; 4VNNIW, 4FMAPS, VP2INTERSECT, AMX, FP16. */
#define EBX (1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 30 | 1u << 31)
#define ECX (1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 | 1u << 14)
#define EDX (1u << 2 | 1u << 3 | 1u << 8 | 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25)
/* And of its second part: BF16, AMX-FP16; AVX10 in EDX. */
#define EAX_1 (1u << 5 | 1u << 21)
#define EDX_1 (1u << 19)

typedef int (*sigaction_type)(int, const struct sigaction *, struct sigaction *);

static struct sigaction others; /* what the program wants done about other faults */

static long faulting(unsigned long allowed) { return syscall(SYS_arch_prctl, ARCH_SET_CPUID, allowed); }

static void answer(greg_t *registers) {
  unsigned leaf = registers[REG_RAX], part = registers[REG_RCX], a, b, c, d;
  faulting(1);
  __cpuid_count(leaf, part, a, b, c, d);
  faulting(0);
  if (leaf == 7 && part == 0) b &= ~EBX, c &= ~ECX, d &= ~EDX;
  if (leaf == 7 && part == 1) a &= ~EAX_1, d &= ~EDX_1;
  registers[REG_RAX] = a, registers[REG_RBX] = b, registers[REG_RCX] = c, registers[REG_RDX] = d;
  registers[REG_RIP] += 2;
}

static void on_fault(int signal, siginfo_t *info, void *context) {
  greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
  const unsigned char *at = (const unsigned char *)registers[REG_RIP];
  /* SI_KERNEL: a general protection fault, as CPUID's is; anything else may have an address that cannot be read. */
  if (info->si_code == SI_KERNEL && at[0] == 0x0f && at[1] == 0xa2) {
    answer(registers);
  } else if (others.sa_flags & SA_SIGINFO) {
    others.sa_sigaction(signal, info, context);
  } else if (others.sa_handler == SIG_DFL || others.sa_handler == SIG_IGN) {
    sigaction_type real = (sigaction_type)dlsym(RTLD_NEXT, "sigaction");
    struct sigaction usual = {.sa_handler = SIG_DFL};
    real(SIGSEGV, &usual, NULL);
  } else {
    others.sa_handler(signal);
  }
}

int sigaction(int signal, const struct sigaction *action, struct sigaction *old) {
  if (signal != SIGSEGV) return ((sigaction_type)dlsym(RTLD_NEXT, "sigaction"))(signal, action, old);
  if (old) *old = others;
  if (action) others = *action;
  return 0;
}

__attribute__((constructor)) static void begin(void) {
  sigaction_type real = (sigaction_type)dlsym(RTLD_NEXT, "sigaction");
  struct sigaction ours = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
  real(SIGSEGV, &ours, NULL);
  if (faulting(0) != 0) {
    fprintf(stderr, "without-avx512: this processor or kernel does not let CPUID fault (%s)\n", strerror(errno));
    exit(1);
  }
}
