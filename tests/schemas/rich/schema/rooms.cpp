#include <dibs/schema.hpp>

#include "model.hpp"

template <>
struct dibs::column_type<hotel::Money> {
    static constexpr std::string_view name = "numeric(10,2)";
};

using hotel::Booking;
using hotel::Guest;
using hotel::Room;

DIBS_ENUM(hotel::BookingState, "booking_state");

DIBS_TABLE(Room, "rooms") {
    table.schema("hotel");
    table.renamed_from("chambers");
    table.renamed_from(&Room::note, "remark");
    table.primary_key(&Room::floor, &Room::number);
    table.unique(&Room::note).nulls_not_distinct().initially_deferred();
    table.column(&Room::price).type("numeric(8,2)").default_to("99");
    table.default_to(&Room::kind, "'single room'");
}

DIBS_TABLE(Booking, "bookings") {
    table.primary_key(&Booking::id);
    table.default_to(&Booking::id, "gen_random_uuid()");
    table.foreign_key(&Booking::guest_id)
        .references(&Guest::id)
        .on_delete(dibs::Action::cascade)
        .name("booked_by");
    table.foreign_key(&Booking::room_floor, &Booking::room_number)
        .references(&Room::floor, &Room::number)
        .on_update(dibs::Action::cascade)
        .match_full()
        .initially_deferred();
    table.foreign_key(&Booking::moved_to).references(&Booking::id).deferrable();
    table.exclude("gist")
        .with(&Booking::room_number, "=")
        .with(&Booking::during, "&&")
        .where("state <> 'Cancelled'")
        .name("one_guest_at_a_time");
    table.index(&Booking::guest_id, dibs::element(&Booking::during).asc().nulls_first());
}

DIBS_SQL("current bookings", R"(
    CREATE VIEW current_bookings AS
    SELECT b.id, g.name FROM bookings b JOIN guests g ON g.id = b.guest_id WHERE b.during @> current_date;
    COMMENT ON VIEW current_bookings IS 'Who is here; now';
)",
         .after = {"bookings", "guests"});
DIBS_SQL("touch", "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$");
DIBS_SQL("a touch of all rooms",
         "CREATE TRIGGER touched BEFORE UPDATE ON hotel.rooms FOR EACH ROW EXECUTE FUNCTION touch()",
         .after = {"touch"});
