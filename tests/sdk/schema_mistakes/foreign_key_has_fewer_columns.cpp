#include <dibs/schema.hpp>

struct Room {
    std::int32_t floor;
    std::int32_t number;
};
struct Booking {
    std::int32_t room;
};

DIBS_TABLE(Room, "rooms") {
    table.primary_key(&Room::floor, &Room::number);
}
DIBS_TABLE(Booking, "bookings") {
    table.foreign_key(&Booking::room).references(&Room::floor, &Room::number);
}

// both: dibs: a foreign key references as many columns as it has
