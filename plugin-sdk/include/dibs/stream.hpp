#pragma once

#include <cstddef>

#include <dibs/abi.hpp>
#include <dibs/rows.hpp>

namespace dibs {
inline namespace abi_v1 {

/// A result that the server gives piece by piece, as the runner holds it. Not for direct use: Stream reads
/// it. Append only.
class DIBS_API RowStream {
  public:
    RowStream(const RowStream&) = delete;
    RowStream& operator=(const RowStream&) = delete;

    /// @return the next rows, at least one, which the caller releases; null at the end
    virtual RowSet* next() = 0;
    virtual void release() noexcept = 0;

  protected:
    RowStream() = default;
    ~RowStream() = default;
};

/// One row of a stream. It may be kept when the loop goes on, and costs the memory of the rows that came with
/// it then (about 1 MiB); views that it gave end with it.
class StreamedRow {
  public:
    StreamedRow(RowSet& set, std::size_t row) : set_(&set), row_(row) { set_->share(); }
    StreamedRow(const StreamedRow& other) : StreamedRow(*other.set_, other.row_) {}
    StreamedRow& operator=(const StreamedRow& other) {
        other.set_->share();
        set_->release();
        set_ = other.set_;
        row_ = other.row_;
        return *this;
    }
    ~StreamedRow() { set_->release(); }

    /// As Row::get().
    template <class T>
    [[nodiscard]] T get(Column column) const {
        return Row(*set_, row_).get<T>(column);
    }
    [[nodiscard]] bool is_null(Column column) const { return Row(*set_, row_).is_null(column); }

  private:
    RowSet* set_;
    std::size_t row_;
};

/// The rows of a result, to go over once, from the first to the last: an input range. It keeps about 1 MiB of
/// them, and the server the rest, until it is destroyed.
class Stream {
  public:
    struct End {};

    class Iterator {
      public:
        using value_type = StreamedRow;
        using difference_type = std::ptrdiff_t;

        explicit Iterator(Stream& stream) : stream_(&stream) {}
        StreamedRow operator*() const { return {*stream_->batch_, stream_->row_}; }
        Iterator& operator++() {
            stream_->advance();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(End) const { return stream_->batch_ == nullptr; }

      private:
        Stream* stream_;
    };

    explicit Stream(RowStream* owned) : source_(owned) {}
    Stream(Stream&& other) noexcept
        : source_(other.source_), batch_(other.batch_), row_(other.row_), begun_(other.begun_) {
        other.source_ = nullptr;
        other.batch_ = nullptr;
    }
    Stream& operator=(Stream&& other) noexcept {
        Stream taken(static_cast<Stream&&>(other));
        taken.swap(*this);
        return *this;
    }
    ~Stream() {
        drop_batch();
        if (source_ != nullptr)
            source_->release();
    }

    /// Where the stream is: at its first row, unless a loop was left before. @throws Error of the server's
    [[nodiscard]] Iterator begin() {
        if (!begun_) {
            begun_ = true;
            fetch();
        }
        return Iterator(*this);
    }
    [[nodiscard]] End end() const { return {}; }

  private:
    void swap(Stream& other) noexcept {
        RowStream* const source = source_;
        source_ = other.source_;
        other.source_ = source;
        RowSet* const batch = batch_;
        batch_ = other.batch_;
        other.batch_ = batch;
        row_ = other.row_; // its own is that of a stream which ends now
        begun_ = other.begun_;
    }
    void advance() {
        if (++row_ == batch_->rows())
            fetch();
    }
    void fetch() {
        drop_batch();
        row_ = 0;
        if (source_ != nullptr)
            batch_ = source_->next();
    }
    void drop_batch() noexcept {
        if (batch_ != nullptr)
            batch_->release();
        batch_ = nullptr;
    }

    RowStream* source_;
    RowSet* batch_ = nullptr;
    std::size_t row_ = 0;
    bool begun_ = false;
};

} // namespace abi_v1
} // namespace dibs
