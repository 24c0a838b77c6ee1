/* SPDX-License-Identifier: Apache-2.0 */
/* A VFS that hands everything to the machine's own, but counts what changes the disk. */
#include "store/store_faults.h"
#include "base/mem.h"
#include "store/sqlite.h"

struct store_faults {
	sqlite3_vfs vfs, *real;
	sqlite3_io_methods methods;
	long left; /* until it fails */
	bool is_armed, stays;
	int code;
	long failed;
};

struct file {
	sqlite3_file base;
	struct store_faults *faults;
	sqlite3_file *real; /* stands behind this */
};

static struct file *file_of(sqlite3_file *base)
{
	return (struct file *)base;
}

static int next(struct store_faults *faults)
{
	if (!faults->is_armed || faults->left-- > 0)
		return SQLITE_OK;
	faults->is_armed = faults->stays;
	faults->failed++;
	return faults->code;
}

static int f_write(sqlite3_file *base, const void *bytes, int len, sqlite3_int64 at)
{
	struct file *file = file_of(base);
	int r = next(file->faults);

	return r ? r : file->real->pMethods->xWrite(file->real, bytes, len, at);
}

static int f_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	struct file *file = file_of(base);
	int r = next(file->faults);

	return r ? r : file->real->pMethods->xTruncate(file->real, size);
}

static int f_sync(sqlite3_file *base, int flags)
{
	struct file *file = file_of(base);
	int r = next(file->faults);

	return r ? r : file->real->pMethods->xSync(file->real, flags);
}

static int f_close(sqlite3_file *base)
{
	struct file *file = file_of(base);

	return file->real->pMethods->xClose(file->real);
}

static int f_read(sqlite3_file *base, void *bytes, int len, sqlite3_int64 at)
{
	return file_of(base)->real->pMethods->xRead(file_of(base)->real, bytes, len, at);
}

static int f_size(sqlite3_file *base, sqlite3_int64 *size)
{
	return file_of(base)->real->pMethods->xFileSize(file_of(base)->real, size);
}

static int f_lock(sqlite3_file *base, int lock)
{
	return file_of(base)->real->pMethods->xLock(file_of(base)->real, lock);
}

static int f_unlock(sqlite3_file *base, int lock)
{
	return file_of(base)->real->pMethods->xUnlock(file_of(base)->real, lock);
}

static int f_reserved(sqlite3_file *base, int *ret)
{
	return file_of(base)->real->pMethods->xCheckReservedLock(file_of(base)->real, ret);
}

static int f_control(sqlite3_file *base, int op, void *arg)
{
	return file_of(base)->real->pMethods->xFileControl(file_of(base)->real, op, arg);
}

static int f_sector(sqlite3_file *base)
{
	return file_of(base)->real->pMethods->xSectorSize(file_of(base)->real);
}

static int f_device(sqlite3_file *base)
{
	return file_of(base)->real->pMethods->xDeviceCharacteristics(file_of(base)->real);
}

static int f_shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **ret)
{
	return file_of(base)->real->pMethods->xShmMap(file_of(base)->real, region, size, extend, ret);
}

static int f_shm_lock(sqlite3_file *base, int at, int n, int flags)
{
	return file_of(base)->real->pMethods->xShmLock(file_of(base)->real, at, n, flags);
}

static void f_shm_barrier(sqlite3_file *base)
{
	file_of(base)->real->pMethods->xShmBarrier(file_of(base)->real);
}

static int f_shm_unmap(sqlite3_file *base, int remove)
{
	return file_of(base)->real->pMethods->xShmUnmap(file_of(base)->real, remove);
}

static int f_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *ret_flags)
{
	struct store_faults *faults = vfs->pAppData;
	struct file *file = file_of(base);
	int r;

	file->faults = faults;
	file->real = (sqlite3_file *)(file + 1);
	r = faults->real->xOpen(faults->real, name, file->real, flags, ret_flags);
	base->pMethods = r == SQLITE_OK ? &faults->methods : NULL;
	return r;
}

struct store_faults *store_faults_install(void)
{
	struct store_faults *faults = mem_zero(1, sizeof(*faults));

	faults->real = sqlite3_vfs_find(NULL);
	faults->vfs = *faults->real;
	faults->vfs.zName = "dure-faults";
	faults->vfs.szOsFile = (int)sizeof(struct file) + faults->real->szOsFile;
	faults->vfs.pAppData = faults;
	faults->vfs.pNext = NULL;
	faults->vfs.xOpen = f_open;
	faults->methods = (sqlite3_io_methods){
	        2,        f_close,   f_read,     f_write,       f_truncate,  f_sync,
	        f_size,   f_lock,    f_unlock,   f_reserved,    f_control,   f_sector,
	        f_device, f_shm_map, f_shm_lock, f_shm_barrier, f_shm_unmap,
	};
	sqlite3_vfs_register(&faults->vfs, 1);
	return faults;
}

void store_faults_arm(struct store_faults *faults, long after, int code, bool stays)
{
	faults->left = after;
	faults->code = code;
	faults->stays = stays;
	faults->failed = 0;
	faults->is_armed = true;
}

long store_faults_left(const struct store_faults *faults)
{
	return faults->is_armed ? faults->left : -1;
}

long store_faults_disarm(struct store_faults *faults)
{
	faults->is_armed = false;
	return faults->failed;
}
