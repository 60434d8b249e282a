/* Counts syncs to disk, and makes each of them slower by SYNCSHIM_MICROSECONDS: a slower disk, for benchmarks.
   cc -shared -fPIC -O2 -o syncshim.so syncshim.c -ldl, then LD_PRELOAD=./syncshim.so */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_long syncs;
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static useconds_t extra;

__attribute__((constructor)) static void find(void) {
    const char *asked = getenv("SYNCSHIM_MICROSECONDS");
    extra = asked ? (useconds_t)atol(asked) : 0;
    real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
}

static int counted(int (*real)(int), int file) {
    int result = real(file);
    atomic_fetch_add(&syncs, 1);
    if (extra) usleep(extra);
    return result;
}

int fsync(int file) { return counted(real_fsync, file); }
int fdatasync(int file) { return counted(real_fdatasync, file); }

/* How many there were. */
long syncshim_count(void) { return atomic_load(&syncs); }
