// The disk below SQLite, for tests: while one of these lives, every file that SQLite opens goes through it.
//
// It remembers each write, truncation, deletion and fsync in order, so that a test can ask what a file system would
// hold after a power cut at any of them: what was synced for certain, of the rest anything. It fails and hangs on
// demand, and calls back at each fsync, on the thread that makes it.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace mooring::test {

class sqlite_disk {
 public:
  using images = std::map<std::string, std::string>;  // file -> bytes
  struct operation {
    enum class kind { write, truncate, sync, remove } what;
    std::string file;
    std::int64_t at = 0;  // offset, or the new size
    std::string bytes;
  };

  sqlite_disk() : real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
    current_ = this;
    vfs_.zName = "mooring_test_disk";
    vfs_.szOsFile = static_cast<int>(sizeof(opened_file)) + real_->szOsFile;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~sqlite_disk() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
    current_ = nullptr;
  }
  sqlite_disk(const sqlite_disk&) = delete;
  sqlite_disk& operator=(const sqlite_disk&) = delete;

  std::atomic<int> write_fails{SQLITE_OK};  // e.g. SQLITE_FULL
  std::atomic<int> sync_fails{SQLITE_OK};   // e.g. SQLITE_IOERR_FSYNC
  std::atomic<bool> sync_hangs{false};
  std::atomic<int> syncs{0};
  std::function<void()> on_sync = [] {};  // before and after each

  std::size_t operations() const {
    const std::lock_guard lock(mutex_);
    return log_.size();
  }
  bool is_sync(std::size_t at) const { return log_[at].what == operation::kind::sync; }

  // What kill -9 leaves after `count` operations: all of them.
  images after_kill(std::size_t count) const { return replay(count, nullptr); }
  // What a power cut may leave: of what was not synced, every write is there or not, or half.
  images after_power_cut(std::size_t count, std::mt19937& chance) const { return replay(count, &chance); }

  static void put(const images& files, const std::string& folder) {
    for (const auto& [name, bytes] : files)
      std::ofstream(folder + "/" + std::filesystem::path(name).filename().string(), std::ios::binary) << bytes;
  }

 private:
  struct opened_file {
    sqlite3_file base;
    std::string* name;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  static opened_file& of(sqlite3_file* file) { return *reinterpret_cast<opened_file*>(file); }

  void note(operation done) {
    const std::lock_guard lock(mutex_);
    log_.push_back(std::move(done));
  }

  static void apply(std::string& file, const operation& op) {
    const auto at = static_cast<std::size_t>(op.at);
    if (op.what == operation::kind::truncate) file.resize(at);
    if (op.what != operation::kind::write) return;
    if (file.size() < at + op.bytes.size()) file.resize(at + op.bytes.size());
    file.replace(at, op.bytes.size(), op.bytes);
  }

  images replay(std::size_t count, std::mt19937* chance) const {
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::size_t> synced;
    for (std::size_t i = 0; i < count; ++i)
      if (log_[i].what == operation::kind::sync) synced[log_[i].file] = i;
    images out;
    for (std::size_t i = 0; i < count; ++i) {
      const operation& op = log_[i];
      if (op.what == operation::kind::remove) {
        out.erase(op.file);
        continue;
      }
      const auto last = synced.find(op.file);
      const bool surely = chance == nullptr || (last != synced.end() && i < last->second);
      std::string& file = out[op.file];
      const auto luck = surely ? 0 : (*chance)() % 3;
      if (luck == 0) apply(file, op);
      if (luck == 1 && op.what == operation::kind::write) {
        operation half = op;
        half.bytes.resize(half.bytes.size() / 2);
        apply(file, half);
      }
    }
    return out;
  }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    sqlite_disk& disk = *current_;
    opened_file& opened = of(file);
    opened.base.pMethods = nullptr;
    const int code = disk.real_->xOpen(disk.real_, name, opened.real(), flags, out_flags);
    if (code != SQLITE_OK) return code;
    opened.name = new std::string(name == nullptr ? "" : name);
    opened.base.pMethods = &methods();
    return code;
  }

  static int remove(sqlite3_vfs*, const char* name, int sync_folder) {
    current_->note({operation::kind::remove, name, 0, {}});
    return current_->real_->xDelete(current_->real_, name, sync_folder);
  }

  static int close(sqlite3_file* file) {
    delete of(file).name;
    return of(file).real()->pMethods->xClose(of(file).real());
  }

  static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
    if (const int fault = current_->write_fails; fault != SQLITE_OK) return fault;
    const std::string copy(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
    current_->note({operation::kind::write, *of(file).name, at, copy});
    return of(file).real()->pMethods->xWrite(of(file).real(), bytes, size, at);
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    current_->note({operation::kind::truncate, *of(file).name, size, {}});
    return of(file).real()->pMethods->xTruncate(of(file).real(), size);
  }

  static int sync(sqlite3_file* file, int flags) {
    current_->on_sync();
    while (current_->sync_hangs)
      sqlite3_sleep(1);
    if (const int fault = current_->sync_fails; fault != SQLITE_OK) return fault;
    const int code = of(file).real()->pMethods->xSync(of(file).real(), flags);
    current_->note({operation::kind::sync, *of(file).name, 0, {}});
    ++current_->syncs;
    current_->on_sync();
    return code;
  }

  // Version 1: no shared memory, which a file that is locked for good does not need.
  static const sqlite3_io_methods& methods() {
    static const sqlite3_io_methods table = [] {
      sqlite3_io_methods out{};
      out.iVersion = 1;
      out.xClose = close;
      out.xRead = [](sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
        return of(f).real()->pMethods->xRead(of(f).real(), to, size, at);
      };
      out.xWrite = write;
      out.xTruncate = truncate;
      out.xSync = sync;
      out.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) {
        return of(f).real()->pMethods->xFileSize(of(f).real(), size);
      };
      out.xLock = [](sqlite3_file* f, int level) { return of(f).real()->pMethods->xLock(of(f).real(), level); };
      out.xUnlock = [](sqlite3_file* f, int level) { return of(f).real()->pMethods->xUnlock(of(f).real(), level); };
      out.xCheckReservedLock = [](sqlite3_file* f, int* taken) {
        return of(f).real()->pMethods->xCheckReservedLock(of(f).real(), taken);
      };
      out.xFileControl = [](sqlite3_file* f, int what, void* with) {
        return of(f).real()->pMethods->xFileControl(of(f).real(), what, with);
      };
      out.xSectorSize = [](sqlite3_file* f) { return of(f).real()->pMethods->xSectorSize(of(f).real()); };
      out.xDeviceCharacteristics = [](sqlite3_file*) { return 0; };
      return out;
    }();
    return table;
  }

  static inline sqlite_disk* current_ = nullptr;
  sqlite3_vfs* real_;
  sqlite3_vfs vfs_;
  mutable std::mutex mutex_;
  std::vector<operation> log_;
};

}  // namespace mooring::test
