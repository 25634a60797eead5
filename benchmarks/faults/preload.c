/* Fails the N-th write, fsync or rename below one folder. Loaded in front of the C library:
   LD_PRELOAD=preload.so FAULT_BELOW=/folder FAULT_CALL=write FAULT_NUMBER=7 FAULT_ERROR=28 FAULT_NOTE=/file
   When the fault was put in, FAULT_NOTE exists. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_int calls;

static int is_below(const char *path) {
    const char *folder = getenv("FAULT_BELOW");
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int fails(const char *call, const char *path) {
    const char *wanted = getenv("FAULT_CALL"), *number = getenv("FAULT_NUMBER");
    if (!wanted || !number || strcmp(wanted, call) != 0 || !is_below(path)) return 0;
    if (atomic_fetch_add(&calls, 1) + 1 != atoi(number)) return 0;
    int note = open(getenv("FAULT_NOTE"), O_CREAT | O_WRONLY, 0600);
    if (note >= 0) close(note);
    errno = atoi(getenv("FAULT_ERROR"));
    return 1;
}

static int fails_on(const char *call, int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return fails(call, path);
}

#define NEXT(name) __typeof__(&name) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int descriptor, const void *data, size_t size) {
    NEXT(write);
    return fails_on("write", descriptor) ? -1 : next(descriptor, data, size);
}
ssize_t pwrite(int descriptor, const void *data, size_t size, off_t at) {
    NEXT(pwrite);
    return fails_on("write", descriptor) ? -1 : next(descriptor, data, size, at);
}
ssize_t pwrite64(int descriptor, const void *data, size_t size, off64_t at) {
    NEXT(pwrite64);
    return fails_on("write", descriptor) ? -1 : next(descriptor, data, size, at);
}
int fsync(int descriptor) {
    NEXT(fsync);
    return fails_on("fsync", descriptor) ? -1 : next(descriptor);
}
int fdatasync(int descriptor) {
    NEXT(fdatasync);
    return fails_on("fsync", descriptor) ? -1 : next(descriptor);
}
int rename(const char *from, const char *to) {
    NEXT(rename);
    return fails("rename", to) ? -1 : next(from, to);
}
