// faultfs: a directory seen through a file system that keeps a journal of every change and fails on demand.
//
//   faultfs <backing directory> <journal file> <mount point> [FUSE options]
//
// The journal holds, in the order in which they were done, all changes with their bytes, each fsync with its beginning and its end, and
// marks that a client sets. From it a reader computes which states of the directory a power cut at any moment may leave
// (disk-model.ts). The mounted directory itself is never told to be durable: fsync costs what the rules say and no more.
//
// Commands are written, one per line, to the file `.faultfs` in the root of the mount:
//   mark <text>                            a mark in the journal
//   rule <op> <action> <number> <pattern>  op: change, sync, read; action: errno, delay (ms), quota (bytes); pattern: fnmatch of the path
//   clear                                  forgets all rules
//   flush                                  the journal file has everything that was done before
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <fuse.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define CONTROL "/.faultfs"
#define RULES_MAX 32

enum record {
  R_OPEN = 1, R_WRITE, R_TRUNCATE, R_TRUNCATE_PATH, R_SYNC_BEGIN, R_SYNC_END, R_MKDIR, R_RMDIR, R_UNLINK, R_RENAME,
  R_LINK, R_SYMLINK, R_CHMOD, R_CHOWN, R_MARK, R_CLOSE, R_EXTEND, R_MKNOD
};

struct handle {
  int fd;
  DIR *dir;
  uint32_t id;
  char *path;
};

struct rule {
  char op[16], action[16], pattern[256];
  long long number;
};

static char backing[PATH_MAX];
static FILE *journal;
// Changes and their records are one step each: the journal's order is the order of what happened.
static pthread_mutex_t changing = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t ruling = PTHREAD_MUTEX_INITIALIZER;
static struct rule rules[RULES_MAX];
static int rule_count;
static uint32_t next_handle = 1, next_sync = 1;

// ---- journal

static void put(const void *bytes, size_t length) {
  if (fwrite(bytes, 1, length, journal) != length) abort();
}
static void put8(uint8_t value) { put(&value, 1); }
static void put32(uint32_t value) { put(&value, 4); }
static void put64(uint64_t value) { put(&value, 8); }
static void put_text(const char *text) {
  uint32_t length = (uint32_t)strlen(text);
  put32(length);
  put(text, length);
}
static size_t text_bytes(const char *text) { return 4 + strlen(text); }
static void begin(enum record type, size_t payload) {
  put32((uint32_t)(payload + 1));
  put8((uint8_t)type);
}

// ---- rules

static void pause_ms(long long ms) {
  struct timespec time = {ms / 1000, (ms % 1000) * 1000000};
  nanosleep(&time, NULL);
}

// What the rules say about an operation: 0, or a negative errno. `size` is what may still be written; NULL when nothing grows.
static int allow(const char *op, const char *path, size_t *size) {
  long long delay = 0;
  int result = 0;
  pthread_mutex_lock(&ruling);
  for (int i = 0; i < rule_count; i++) {
    struct rule *rule = &rules[i];
    if (strcmp(rule->op, op) != 0 || fnmatch(rule->pattern, path, 0) != 0) continue;
    if (strcmp(rule->action, "delay") == 0) delay += rule->number;
    else if (strcmp(rule->action, "errno") == 0) result = -(int)rule->number;
    else if (size != NULL) {
      if (rule->number <= 0) result = -ENOSPC;
      else if ((long long)*size > rule->number) *size = (size_t)rule->number;
      if (result == 0) rule->number -= (long long)*size;
    }
  }
  pthread_mutex_unlock(&ruling);
  if (delay > 0) pause_ms(delay);
  return result;
}

static int may_change(const char *path) { return allow("change", path, NULL); }
static int may_grow(const char *path) {
  size_t one = 1;
  return allow("change", path, &one);
}

static void command(char *line) {
  if (strncmp(line, "mark ", 5) == 0) {
    pthread_mutex_lock(&changing);
    begin(R_MARK, text_bytes(line + 5));
    put_text(line + 5);
    pthread_mutex_unlock(&changing);
  } else if (strcmp(line, "flush") == 0) {
    pthread_mutex_lock(&changing);
    fflush(journal);
    pthread_mutex_unlock(&changing);
  } else if (strcmp(line, "clear") == 0) {
    pthread_mutex_lock(&ruling);
    rule_count = 0;
    pthread_mutex_unlock(&ruling);
  } else {
    struct rule rule;
    if (sscanf(line, "rule %15s %15s %lld %255s", rule.op, rule.action, &rule.number, rule.pattern) != 4) return;
    pthread_mutex_lock(&ruling);
    if (rule_count < RULES_MAX) rules[rule_count++] = rule;
    pthread_mutex_unlock(&ruling);
  }
}

// ---- places

static const char *real(const char *path, char *out) {
  snprintf(out, PATH_MAX, "%s%s", backing, path);
  return out;
}
static int is_control(const char *path) { return path != NULL && strcmp(path, CONTROL) == 0; }
static struct handle *handle_of(struct fuse_file_info *fi) { return (struct handle *)(uintptr_t)fi->fh; }

static struct handle *new_handle(int fd, DIR *dir, const char *path) {
  struct handle *handle = calloc(1, sizeof *handle);
  handle->fd = fd;
  handle->dir = dir;
  handle->path = strdup(path);
  handle->id = next_handle++;
  return handle;
}

// Who asked owns what was made; a folder with the set-group bit keeps its group.
static void give(const char *made) {
  struct fuse_context *context = fuse_get_context();
  char parent[PATH_MAX];
  struct stat st;
  snprintf(parent, sizeof parent, "%s", made);
  char *slash = strrchr(parent, '/');
  if (slash != NULL) *slash = 0;
  int keeps_group = stat(parent, &st) == 0 && (st.st_mode & S_ISGID);
  if (lchown(made, context->uid, keeps_group ? (gid_t)-1 : context->gid) != 0) return;
}

static void put_owner(const char *made) {
  struct stat st;
  memset(&st, 0, sizeof st);
  if (lstat(made, &st) != 0) st.st_mode = 0;
  put32(st.st_mode);
  put32(st.st_uid);
  put32(st.st_gid);
}

// ---- reading

static int do_getattr(const char *path, struct stat *st, struct fuse_file_info *fi) {
  char at[PATH_MAX];
  if (is_control(path)) {
    memset(st, 0, sizeof *st);
    st->st_mode = S_IFREG | 0600;
    st->st_nlink = 1;
    return 0;
  }
  if (fi != NULL && fi->fh != 0) return fstat(handle_of(fi)->fd, st) == 0 ? 0 : -errno;
  if (path == NULL) return -ENOENT;
  return lstat(real(path, at), st) == 0 ? 0 : -errno;
}

static int do_readlink(const char *path, char *out, size_t size) {
  char at[PATH_MAX];
  ssize_t length = readlink(real(path, at), out, size - 1);
  if (length < 0) return -errno;
  out[length] = 0;
  return 0;
}

static int do_opendir(const char *path, struct fuse_file_info *fi) {
  char at[PATH_MAX];
  DIR *dir = opendir(real(path, at));
  if (dir == NULL) return -errno;
  pthread_mutex_lock(&changing);
  struct handle *handle = new_handle(dirfd(dir), dir, path);
  begin(R_OPEN, 4 + 1 + text_bytes(path) + 12);
  put32(handle->id);
  put8(0);
  put_text(path);
  put_owner(at);
  pthread_mutex_unlock(&changing);
  fi->fh = (uintptr_t)handle;
  return 0;
}

static int do_readdir(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset, struct fuse_file_info *fi,
                      enum fuse_readdir_flags flags) {
  (void)path, (void)offset, (void)flags;
  struct handle *handle = handle_of(fi);
  rewinddir(handle->dir);
  for (struct dirent *entry; (entry = readdir(handle->dir)) != NULL;) {
    struct stat st;
    memset(&st, 0, sizeof st);
    st.st_ino = entry->d_ino;
    st.st_mode = (mode_t)entry->d_type << 12;
    if (fill(buffer, entry->d_name, &st, 0, 0)) break;
  }
  return 0;
}

static int do_read(const char *path, char *buffer, size_t size, off_t offset, struct fuse_file_info *fi) {
  (void)path;
  if (fi->fh == 0) return 0;
  struct handle *handle = handle_of(fi);
  int refused = allow("read", handle->path, NULL);
  if (refused) return refused;
  ssize_t got = pread(handle->fd, buffer, size, offset);
  return got < 0 ? -errno : (int)got;
}

static int do_statfs(const char *path, struct statvfs *st) {
  (void)path;
  return statvfs(backing, st) == 0 ? 0 : -errno;
}

// ---- files

static int open_file(const char *path, mode_t mode, struct fuse_file_info *fi, int created) {
  char at[PATH_MAX];
  if (is_control(path)) {
    fi->fh = 0;
    fi->direct_io = 1;
    return 0;
  }
  int writes = (fi->flags & O_ACCMODE) != O_RDONLY;
  int refused = created || (fi->flags & O_TRUNC) ? may_change(path) : 0;
  if (!refused && created) refused = may_grow(path);
  if (refused) return refused;
  int flags = (fi->flags & ~(O_ACCMODE | O_APPEND | O_DIRECT | O_SYNC | O_DSYNC)) | (writes ? O_RDWR : O_RDONLY);
  pthread_mutex_lock(&changing);
  int fd = created ? open(real(path, at), flags | O_CREAT, mode) : open(real(path, at), flags & ~(O_CREAT | O_EXCL));
  if (fd < 0) {
    int error = -errno;
    pthread_mutex_unlock(&changing);
    return error;
  }
  if (created) give(at);
  struct handle *handle = new_handle(fd, NULL, path);
  begin(R_OPEN, 4 + 1 + text_bytes(path) + 12);
  put32(handle->id);
  put8((uint8_t)created);
  put_text(path);
  put_owner(at);
  if (fi->flags & O_TRUNC) {
    begin(R_TRUNCATE, 4 + 8);
    put32(handle->id);
    put64(0);
  }
  pthread_mutex_unlock(&changing);
  fi->fh = (uintptr_t)handle;
  return 0;
}

static int do_open(const char *path, struct fuse_file_info *fi) { return open_file(path, 0, fi, 0); }
static int do_create(const char *path, mode_t mode, struct fuse_file_info *fi) { return open_file(path, mode, fi, 1); }

static int do_write(const char *path, const char *data, size_t size, off_t offset, struct fuse_file_info *fi) {
  (void)path;
  if (fi->fh == 0) {
    char *text = strndup(data, size), *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) command(line);
    free(text);
    return (int)size;
  }
  struct handle *handle = handle_of(fi);
  size_t allowed = size;
  int refused = allow("change", handle->path, &allowed);
  if (refused) return refused;
  pthread_mutex_lock(&changing);
  ssize_t written = pwrite(handle->fd, data, allowed, offset);
  if (written < 0) {
    int error = -errno;
    pthread_mutex_unlock(&changing);
    return error;
  }
  begin(R_WRITE, 4 + 8 + (size_t)written);
  put32(handle->id);
  put64((uint64_t)offset);
  put(data, (size_t)written);
  pthread_mutex_unlock(&changing);
  return (int)written;
}

static int do_truncate(const char *path, off_t size, struct fuse_file_info *fi) {
  char at[PATH_MAX];
  if (is_control(path)) return 0;
  struct handle *handle = fi == NULL || fi->fh == 0 ? NULL : handle_of(fi);
  int refused = may_change(handle == NULL ? path : handle->path);
  if (refused) return refused;
  pthread_mutex_lock(&changing);
  int result = handle == NULL ? truncate(real(path, at), size) : ftruncate(handle->fd, size);
  int error = result == 0 ? 0 : -errno;
  if (result == 0 && handle != NULL) {
    begin(R_TRUNCATE, 4 + 8);
    put32(handle->id);
    put64((uint64_t)size);
  } else if (result == 0) {
    begin(R_TRUNCATE_PATH, 8 + text_bytes(path));
    put64((uint64_t)size);
    put_text(path);
  }
  pthread_mutex_unlock(&changing);
  return error;
}

static int do_fallocate(const char *path, int mode, off_t offset, off_t length, struct fuse_file_info *fi) {
  (void)path;
  // Holes and the like are not recorded; callers go on without them.
  if (mode != 0 || fi->fh == 0) return -EOPNOTSUPP;
  struct handle *handle = handle_of(fi);
  size_t wanted = (size_t)length, allowed = wanted;
  int refused = allow("change", handle->path, &allowed);
  if (refused || allowed < wanted) return refused ? refused : -ENOSPC;
  pthread_mutex_lock(&changing);
  int result = posix_fallocate(handle->fd, offset, length);
  if (result == 0) {
    begin(R_EXTEND, 4 + 8);
    put32(handle->id);
    put64((uint64_t)(offset + length));
  }
  pthread_mutex_unlock(&changing);
  return -result;
}

static int do_fsync(const char *path, int datasync, struct fuse_file_info *fi) {
  (void)path, (void)datasync;
  if (fi->fh == 0) return 0;
  struct handle *handle = handle_of(fi);
  pthread_mutex_lock(&changing);
  uint32_t id = next_sync++;
  begin(R_SYNC_BEGIN, 8);
  put32(handle->id);
  put32(id);
  pthread_mutex_unlock(&changing);
  int result = allow("sync", handle->path, NULL);
  pthread_mutex_lock(&changing);
  begin(R_SYNC_END, 8);
  put32(id);
  put32((uint32_t)-result);
  pthread_mutex_unlock(&changing);
  return result;
}

static int do_release(const char *path, struct fuse_file_info *fi) {
  (void)path;
  if (fi->fh == 0) return 0;
  struct handle *handle = handle_of(fi);
  pthread_mutex_lock(&changing);
  begin(R_CLOSE, 4);
  put32(handle->id);
  pthread_mutex_unlock(&changing);
  if (handle->dir != NULL) closedir(handle->dir);
  else close(handle->fd);
  free(handle->path);
  free(handle);
  return 0;
}

// ---- names

// Runs a change of names and records it with up to two paths when it was done.
#define NAMED(TYPE, CALL, OWNED, FIRST, SECOND)                                                             \
  pthread_mutex_lock(&changing);                                                                            \
  int result = (CALL) == 0 ? 0 : -errno;                                                                    \
  if (result == 0) {                                                                                        \
    if (OWNED) give(OWNED);                                                                                 \
    const char *second = (SECOND);                                                                          \
    begin(TYPE, text_bytes(FIRST) + (second ? text_bytes(second) : 0) + (OWNED ? 12 : 0));                  \
    put_text(FIRST);                                                                                        \
    if (second) put_text(second);                                                                           \
    if (OWNED) put_owner(OWNED);                                                                            \
  }                                                                                                         \
  pthread_mutex_unlock(&changing);                                                                          \
  return result;

static const char *const NOBODY = NULL;

static int do_mkdir(const char *path, mode_t mode) {
  char at[PATH_MAX];
  int refused = may_grow(path);
  if (refused) return refused;
  NAMED(R_MKDIR, mkdir(real(path, at), mode), at, path, NULL)
}

static int do_mknod(const char *path, mode_t mode, dev_t device) {
  char at[PATH_MAX];
  int refused = may_grow(path);
  if (refused) return refused;
  NAMED(R_MKNOD, mknod(real(path, at), mode, device), at, path, NULL)
}

static int do_symlink(const char *target, const char *path) {
  char at[PATH_MAX];
  int refused = may_grow(path);
  if (refused) return refused;
  NAMED(R_SYMLINK, symlink(target, real(path, at)), at, path, target)
}

static int do_unlink(const char *path) {
  char at[PATH_MAX];
  int refused = may_change(path);
  if (refused) return refused;
  NAMED(R_UNLINK, unlink(real(path, at)), NOBODY, path, NULL)
}

static int do_rmdir(const char *path) {
  char at[PATH_MAX];
  int refused = may_change(path);
  if (refused) return refused;
  NAMED(R_RMDIR, rmdir(real(path, at)), NOBODY, path, NULL)
}

static int do_rename(const char *from, const char *to, unsigned int flags) {
  char a[PATH_MAX], b[PATH_MAX];
  if (flags & ~(unsigned)RENAME_NOREPLACE) return -EINVAL;
  int refused = may_change(from);
  if (!refused) refused = may_change(to);
  if (refused) return refused;
  NAMED(R_RENAME, renameat2(AT_FDCWD, real(from, a), AT_FDCWD, real(to, b), flags), NOBODY, from, to)
}

static int do_link(const char *from, const char *to) {
  char a[PATH_MAX], b[PATH_MAX];
  int refused = may_grow(to);
  if (refused) return refused;
  NAMED(R_LINK, link(real(from, a), real(to, b)), NOBODY, from, to)
}

static int do_chmod(const char *path, mode_t mode, struct fuse_file_info *fi) {
  char at[PATH_MAX];
  const char *known = fi != NULL && fi->fh != 0 ? handle_of(fi)->path : path;
  pthread_mutex_lock(&changing);
  int result = fi != NULL && fi->fh != 0 ? fchmod(handle_of(fi)->fd, mode) : chmod(real(path, at), mode);
  int error = result == 0 ? 0 : -errno;
  if (result == 0) {
    begin(R_CHMOD, 4 + text_bytes(known));
    put32(mode);
    put_text(known);
  }
  pthread_mutex_unlock(&changing);
  return error;
}

static int do_chown(const char *path, uid_t uid, gid_t gid, struct fuse_file_info *fi) {
  char at[PATH_MAX];
  const char *known = fi != NULL && fi->fh != 0 ? handle_of(fi)->path : path;
  pthread_mutex_lock(&changing);
  int result = fi != NULL && fi->fh != 0 ? fchown(handle_of(fi)->fd, uid, gid) : lchown(real(path, at), uid, gid);
  int error = result == 0 ? 0 : -errno;
  if (result == 0) {
    begin(R_CHOWN, 8 + text_bytes(known));
    put32(uid);
    put32(gid);
    put_text(known);
  }
  pthread_mutex_unlock(&changing);
  return error;
}

static int do_utimens(const char *path, const struct timespec times[2], struct fuse_file_info *fi) {
  char at[PATH_MAX];
  int result = fi != NULL && fi->fh != 0 ? futimens(handle_of(fi)->fd, times)
                                         : utimensat(AT_FDCWD, real(path, at), times, AT_SYMLINK_NOFOLLOW);
  return result == 0 ? 0 : -errno;
}

static void *do_init(struct fuse_conn_info *connection, struct fuse_config *config) {
  (void)connection;
  config->use_ino = 1;
  config->nullpath_ok = 1;
  config->hard_remove = 1;
  return NULL;
}

static void do_destroy(void *data) {
  (void)data;
  fclose(journal);
}

static const struct fuse_operations operations = {
    .getattr = do_getattr, .readlink = do_readlink, .mknod = do_mknod, .mkdir = do_mkdir, .unlink = do_unlink,
    .rmdir = do_rmdir, .symlink = do_symlink, .rename = do_rename, .link = do_link, .chmod = do_chmod,
    .chown = do_chown, .truncate = do_truncate, .open = do_open, .read = do_read, .write = do_write,
    .statfs = do_statfs, .release = do_release, .fsync = do_fsync, .opendir = do_opendir, .readdir = do_readdir,
    .releasedir = do_release, .fsyncdir = do_fsync, .init = do_init, .destroy = do_destroy, .create = do_create,
    .utimens = do_utimens, .fallocate = do_fallocate,
};

int main(int argc, char **argv) {
  if (argc < 4 || realpath(argv[1], backing) == NULL || (journal = fopen(argv[2], "wb")) == NULL) {
    fprintf(stderr, "usage: faultfs <backing directory> <journal file> <mount point> [FUSE options]\n");
    return 2;
  }
  setvbuf(journal, NULL, _IOFBF, 1 << 20);
  umask(0);
  argv[2] = argv[0];
  return fuse_main(argc - 2, argv + 2, &operations, NULL);
}
