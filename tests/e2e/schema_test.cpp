#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "process/child.hpp"
#include "support/program.hpp"
#include "support/server.hpp"
#include "support/snapshot.hpp"
#include "support/temporary_directory.hpp"
#include "support/text.hpp"

namespace {

namespace fs = std::filesystem;
using dibs::tests::contains;
using dibs::tests::Database;
using dibs::tests::Ran;
using dibs::tests::TemporaryDirectory;

/// tests/schemas/rich, in a folder of its own.
class RichProject {
  public:
    RichProject() {
        fs::copy(fs::path(DIBS_TEST_SOURCES) / "schemas/rich", folder_.path(), fs::copy_options::recursive);
    }

    /// With no database in sight.
    [[nodiscard]] Ran dibs(std::vector<std::string> words) const {
        words.insert(words.begin(), dibs::tests::dibs_program().string());
        Ran ran = dibs::tests::run_in(folder_.path(), std::move(words));
        INFO(ran.out << ran.err);
        REQUIRE(ran.code == 0);
        return ran;
    }

  private:
    TemporaryDirectory folder_;
};

} // namespace

TEST_CASE(
    "dibs schema prints what the structs of a project declare in every form and PostgreSQL takes the SQL") {
    const RichProject project;
    dibs::tests::Session session({});
    const Ran text = project.dibs({"schema"}); // which builds
    const Ran sql = project.dibs({"schema", "--sql", "--no-build"});
    session.note("schema", text);
    session.note("schema --sql", sql);
    session.note("schema --diagram", project.dibs({"schema", "--diagram", "--no-build"}));
    dibs::tests::check_snapshot("schema", session.text());

    const auto json = nlohmann::json::parse(project.dibs({"schema", "--json", "--no-build"}).out);
    CHECK(json["tables"].size() == 4);
    const auto& rooms = json["tables"][2];
    CHECK(rooms["schema"] == "hotel");
    CHECK(rooms["struct"] == "hotel::Room");
    CHECK(rooms["file"] == "rooms.cpp");
    CHECK(rooms["renamed_from"] == "chambers");
    CHECK(rooms["columns"][5]["renamed_from"] == "remark");
    CHECK(rooms["columns"][5]["nullable"] == true);
    CHECK(rooms["columns"][4]["default"] == "99");
    CHECK(json["tables"][0]["columns"][2]["name"] == "name");
    CHECK(json["tables"][0]["columns"][2]["member"] == "full_name");
    CHECK(json["tables"][3]["foreign_keys"][1]["references"] == "hotel.rooms");
    CHECK(json["tables"][3]["foreign_keys"][1]["deferrable"] == "initially deferred");
    CHECK(json["enums"][0]["labels"][0] == "single room");
    CHECK(json["sql"][0]["before"] == nlohmann::json({"guests", "samples"}));

    if (dibs::process::find_program("dot")) {
        const std::string svg = project.dibs({"schema", "--diagram=svg", "--no-build"}).out;
        CHECK(contains(svg, "<svg"));
        CHECK(contains(svg, ">hotel.rooms<"));
    }

    const Database database;
    database.psql(sql.out);
    const auto is = [&](const std::string& query, const std::string& answer) {
        INFO(query);
        CHECK(database.psql(query) == answer);
    };
    // Columns: names, types, identity, generated, collation.
    is("SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM "
       "pg_attribute "
       "WHERE attrelid = 'guests'::regclass AND attnum > 0",
       "id bigint, email citext, name text, nickname text, visits integer, search text, created_at timestamp "
       "with time "
       "zone, created_by bigint");
    is("SELECT string_agg(format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute WHERE "
       "attrelid = "
       "'hotel.samples'::regclass AND attnum > 0",
       "smallint, integer, bigint, real, double precision, boolean, text, bytea, timestamp with time zone, "
       "timestamp "
       "without time zone, date, time without time zone, interval, uuid, jsonb, json, numeric(12,2), "
       "character "
       "varying(40), character(3), timestamp without time zone, interval, inet, citext, point, "
       "hotel.room_kind, "
       "numeric(10,2), integer, text[], double precision[], bigint[]");
    is("SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = "
       "'hotel.samples'::regclass "
       "AND attnum > 0 AND NOT attnotnull",
       "nullable, maybe_numbers");
    is("SELECT attidentity::text || ' ' || seqstart || ' ' || seqincrement || ' ' || seqmin || ' ' || seqmax "
       "|| ' "
       "' || "
       "seqcache || ' ' || seqcycle FROM pg_attribute, pg_sequence WHERE attrelid = 'guests'::regclass AND "
       "attname = "
       "'id' AND seqrelid = pg_get_serial_sequence('guests', 'id')::regclass",
       "a 1000 10 1 1000000 5 true");
    is("SELECT attidentity FROM pg_attribute WHERE attrelid = 'hotel.samples'::regclass AND attname = "
       "'an_integer'",
       "d");
    is("SELECT string_agg(attname || ' ' || attgenerated::text || pg_get_expr(adbin, adrelid), ', ' ORDER BY "
       "attnum) FROM "
       "pg_attribute JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attrelid = "
       "'guests'::regclass",
       "visits 0, search slower(name), created_at now()");
    is("SELECT string_agg(collname, ', ' ORDER BY attnum) FROM pg_attribute a JOIN pg_collation c ON c.oid = "
       "attcollation WHERE attrelid = 'guests'::regclass AND attname IN ('name', 'nickname')",
       "C, POSIX");
    is("SELECT column_default || ' ' || data_type || ' ' || numeric_precision FROM "
       "information_schema.columns WHERE "
       "table_name = 'rooms' AND column_name = 'price'",
       "99 numeric 8");
    // Keys, checks, exclusions.
    is("SELECT string_agg(conname || ': ' || pg_get_constraintdef(oid), E'\\n' ORDER BY conname) FROM "
       "pg_constraint "
       "WHERE conrelid = 'guests'::regclass",
       "guests_created_by_fkey: FOREIGN KEY (created_by) REFERENCES guests(id) ON DELETE SET NULL\n"
       "guests_email: UNIQUE (email)\n"
       "guests_name_check: CHECK ((name <> ''::text)) NO INHERIT\n"
       "guests_pk: PRIMARY KEY (id)\n"
       "visits_count_up: CHECK ((visits >= 0))");
    is("SELECT string_agg(conname || ': ' || pg_get_constraintdef(oid), E'\\n' ORDER BY conname) FROM "
       "pg_constraint "
       "WHERE conrelid = 'hotel.rooms'::regclass",
       "rooms_note_key: UNIQUE NULLS NOT DISTINCT (note) DEFERRABLE INITIALLY DEFERRED\n"
       "rooms_pkey: PRIMARY KEY (floor, number)");
    is("SELECT string_agg(conname || ': ' || pg_get_constraintdef(oid), E'\\n' ORDER BY conname) FROM "
       "pg_constraint "
       "WHERE conrelid = 'bookings'::regclass",
       "booked_by: FOREIGN KEY (guest_id) REFERENCES guests(id) ON DELETE CASCADE\n"
       "bookings_moved_to_fkey: FOREIGN KEY (moved_to) REFERENCES bookings(id) DEFERRABLE\n"
       "bookings_pkey: PRIMARY KEY (id)\n"
       "bookings_room_floor_room_number_fkey: FOREIGN KEY (room_floor, room_number) REFERENCES "
       "hotel.rooms(floor, "
       "number) MATCH FULL ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED\n"
       "one_guest_at_a_time: EXCLUDE USING gist (room_number WITH =, during WITH &&) WHERE ((state <> "
       "'Cancelled'::booking_state))");
    // Indexes, with all that one can say.
    is("SELECT indexdef FROM pg_indexes WHERE indexname = 'guests_by_name'",
       "CREATE UNIQUE INDEX guests_by_name ON public.guests USING btree (lower(name), nickname "
       "text_pattern_ops) INCLUDE "
       "(email, visits) WITH (fillfactor='70') WHERE (visits > 0)");
    is("SELECT indexdef FROM pg_indexes WHERE indexname = 'guests_newest'",
       "CREATE INDEX guests_newest ON public.guests USING btree (created_at DESC NULLS LAST, id)");
    is("SELECT indexdef FROM pg_indexes WHERE indexname = 'bookings_guest_id_during_idx'",
       "CREATE INDEX bookings_guest_id_during_idx ON public.bookings USING btree (guest_id, during NULLS "
       "FIRST)");
    is("SELECT indexdef FROM pg_indexes WHERE indexname = 'samples_texts_idx'",
       "CREATE INDEX samples_texts_idx ON hotel.samples USING gin (texts)");
    // Enums, comments, plain SQL.
    is("SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = "
       "'hotel.room_kind'::regtype",
       "single room, twin, suite");
    is("SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = "
       "'booking_state'::regtype",
       "New, Confirmed, Cancelled");
    is("SELECT string_agg(description, '; ' ORDER BY description) FROM pg_description WHERE objoid IN "
       "('guests'::regclass, 'hotel.room_kind'::regtype, 'guests_by_name'::regclass, "
       "'current_bookings'::regclass)",
       "As in the passport; For the bell-boy; If any.\nNot shown to others.; What's in a room; Who is here; "
       "now; Who sleeps here; "
       "it's a "
       "secret");
    is("SELECT string_agg(tgname, ', ') FROM pg_trigger WHERE tgrelid = 'hotel.rooms'::regclass AND NOT "
       "tgisinternal",
       "touched");
}
