#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "thimble/core/error.hpp"

namespace thimble {

/// Samples that lie outside the memory of the process: rows of one length. Threads may share it.
class StoredRows {
 public:
  virtual ~StoredRows() = default;
  /// The bytes of one row, aligned for their type. Throws DataError when they are damaged.
  virtual std::span<const std::byte> row(std::uint32_t index) const = 0;
  /// The row will be wanted soon; returns at once.
  virtual void prefetch(std::uint32_t index) const = 0;
};

/// The values of samples, one sample after another: in memory, where they can be added to, or
/// chosen rows of a StoredRows, which are read where they lie. Reads the same either way, but only
/// `row` is contiguous. A copy copies values in memory, of stored ones only the numbers of rows.
template <class T>
class SampleColumn {
 public:
  class Iterator;
  using value_type = T;
  using const_reference = const T&;
  using const_iterator = Iterator;
  using iterator = Iterator;
  using size_type = std::size_t;
  using difference_type = std::ptrdiff_t;

  SampleColumn() = default;
  SampleColumn(std::vector<T> values) : values_(std::move(values)) {}
  SampleColumn(std::initializer_list<T> values) : values_(values) {}
  template <std::input_iterator It>
  SampleColumn(It first, It last) : values_(first, last) {}
  /// Rows of `length` values each, at least 1.
  SampleColumn(std::shared_ptr<const StoredRows> stored, std::vector<std::uint32_t> rows,
               std::size_t length)
      : stored_(std::move(stored)), rows_(std::move(rows)), length_(length) {}

  std::size_t size() const { return stored_ ? rows_.size() * length_ : values_.size(); }
  bool empty() const { return size() == 0; }

  /// The values [index · length, (index + 1) · length), where `length` is that of a sample.
  std::span<const T> row(std::size_t index, std::size_t length) const {
    if (!stored_) return std::span(values_).subspan(index * length, length);
    THIMBLE_ASSERT(length == length_ && index < rows_.size());
    const auto bytes = stored_->row(rows_[index]);
    return {reinterpret_cast<const T*>(bytes.data()), length};
  }
  const T& operator[](std::size_t i) const {
    return stored_ ? row(i / length_, length_)[i % length_] : values_[i];
  }
  const T& back() const { return (*this)[size() - 1]; }
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size()}; }

  /// The rows of `length` values of these indices: a copy in memory, or other rows of the same
  /// StoredRows.
  SampleColumn picked(std::span<const std::uint32_t> indices, std::size_t length) const {
    SampleColumn out;
    if (stored_) {
      out.stored_ = stored_;
      out.length_ = length_;
      out.rows_.reserve(indices.size());
      for (const std::uint32_t index : indices) out.rows_.push_back(rows_[index]);
    } else if (!values_.empty()) {
      out.values_.reserve(indices.size() * length);
      for (const std::uint32_t index : indices) out.append(row(index, length));
    }
    return out;
  }

  void prefetch(std::size_t index) const {
    if (stored_) stored_->prefetch(rows_[index]);
  }
  /// Numbers of the rows, where they are stored; else empty.
  std::span<const std::uint32_t> stored_rows() const { return rows_; }

  // Only in memory.
  std::span<const T> in_memory() const { return values_; }
  void push_back(T value) { values_.push_back(value); }
  void reserve(std::size_t size) { values_.reserve(size); }
  void append(std::span<const T> values) {
    THIMBLE_ASSERT(!stored_);
    values_.insert(values_.end(), values.begin(), values.end());
  }

  friend bool operator==(const SampleColumn& a, const SampleColumn& b) {
    if (!a.stored_ && !b.stored_) return a.values_ == b.values_;
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::vector<T> values_;
  std::shared_ptr<const StoredRows> stored_;  // where set, `values_` is empty
  std::vector<std::uint32_t> rows_;           // numbers of rows of `stored_`
  std::size_t length_ = 0;                    // of a row
};

template <class T>
class SampleColumn<T>::Iterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = T;
  using reference = const T&;
  using pointer = const T*;
  using difference_type = std::ptrdiff_t;

  Iterator() = default;
  Iterator(const SampleColumn* column, std::size_t at) : column_(column), at_(at) {}

  reference operator*() const { return (*column_)[at_]; }
  Iterator& operator++() {
    ++at_;
    return *this;
  }
  Iterator operator++(int) { return {column_, at_++}; }
  bool operator==(const Iterator&) const = default;

 private:
  const SampleColumn* column_ = nullptr;
  std::size_t at_ = 0;
};

}  // namespace thimble
