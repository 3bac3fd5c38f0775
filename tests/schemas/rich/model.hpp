#pragma once

// What an application works with: it knows nothing of dibs but the types that C++ has not.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <dibs/sql_types.hpp>

namespace hotel {

enum class RoomKind { single, twin, suite };
enum class BookingState { New, Confirmed, Cancelled };

struct Money {
    std::int64_t cents = 0;
};

struct Audit {
    std::chrono::sys_time<std::chrono::microseconds> created_at;
    std::optional<std::int64_t> created_by;
    std::string scratch; ///< not kept
};

struct Guest {
    std::int64_t id;
    dibs::citext email;
    std::string full_name;
    std::optional<std::string> nickname;
    std::int32_t visits;
    std::string search; ///< made by the database
    Audit audit;
    std::map<std::string, std::string> session; ///< not kept
};

struct Room {
    std::int16_t floor;
    std::int32_t number;
    RoomKind kind;
    std::vector<RoomKind> may_become;
    Money price;
    std::optional<std::string> note;
};

struct Booking {
    dibs::uuid id;
    std::int64_t guest_id;
    std::int16_t room_floor;
    std::int32_t room_number;
    dibs::named<"daterange"> during;
    BookingState state;
    std::optional<dibs::uuid> moved_to;
};

/// One of each type.
struct Sample {
    std::int16_t a_smallint;
    std::int32_t an_integer;
    std::int64_t a_bigint;
    float a_real;
    double a_double;
    bool a_boolean;
    std::string a_text;
    std::vector<std::byte> a_bytea;
    std::chrono::sys_seconds a_timestamptz;
    std::chrono::local_seconds a_local_timestamp;
    std::chrono::year_month_day a_date;
    std::chrono::hh_mm_ss<std::chrono::microseconds> a_time;
    std::chrono::microseconds a_duration;
    dibs::uuid a_uuid;
    dibs::jsonb a_jsonb;
    dibs::json a_json;
    dibs::numeric<12, 2> a_numeric;
    dibs::varchar<40> a_varchar;
    dibs::character<3> a_char;
    dibs::timestamp a_timestamp;
    dibs::interval an_interval;
    dibs::inet an_inet;
    dibs::citext a_citext;
    dibs::named<"point"> a_point;
    RoomKind an_enum;
    Money a_type_of_the_application;
    std::optional<std::int32_t> nullable;
    std::vector<std::string> texts;
    std::optional<std::vector<std::optional<double>>> maybe_numbers;
    std::vector<std::vector<std::int64_t>> matrix;
};

} // namespace hotel
