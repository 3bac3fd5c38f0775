#include <dibs/schema.hpp>

#include "model.hpp"

template <>
struct dibs::column_type<hotel::Money> {
    static constexpr std::string_view name = "numeric(10,2)";
};

DIBS_SQL("citext", "CREATE EXTENSION citext;", .before = {"guests", "samples"});
DIBS_SQL("btree_gist", "CREATE EXTENSION btree_gist", .before = {"bookings"});
DIBS_ENUM(hotel::RoomKind, "room_kind", .schema = "hotel", .labels = {"single room", "twin", "suite"},
          .comment = "What's in a room");

namespace hotel {

DIBS_TABLE(Guest, "guests") {
    table.comment("Who sleeps here; it's a secret");
    table.identity(
        &Guest::id,
        {.start = 1000, .increment = 10, .minimum = 1, .maximum = 1000000, .cache = 5, .cycle = true});
    table.primary_key(&Guest::id).name("guests_pk");
    table.unique(&Guest::email).name("guests_email");
    table.default_to(&Guest::visits, 0);
    table.check("visits >= 0").name("visits_count_up");
    table.check("name <> ''").no_inherit();
    table.column(&Guest::full_name).name("name").comment("As in the passport").collate("C");
    table.generated(&Guest::search, "lower(name)");
    table.comment(&Guest::nickname, "If any.\nNot shown to others.");
    table.collate(&Guest::nickname, "POSIX");
    table.ignore(&Guest::session);
    const auto audit = table.embed(&Guest::audit);
    audit.ignore(&Audit::scratch);
    table.default_to(audit(&Audit::created_at), "now()");
    table.foreign_key(audit(&Audit::created_by)).references(&Guest::id).on_delete(dibs::Action::set_null);
    table.index(dibs::desc(audit(&Audit::created_at)).nulls_last(), &Guest::id).name("guests_newest");
    table
        .index(dibs::expression("lower(name)"),
               dibs::element(&Guest::nickname).operator_class("text_pattern_ops"))
        .unique()
        .include(&Guest::email, &Guest::visits)
        .where("visits > 0")
        .with("fillfactor = 70")
        .name("guests_by_name")
        .comment("For the bell-boy");
}

DIBS_TABLE(Sample, "samples") {
    table.schema("hotel");
    table.primary_key(&Sample::a_bigint);
    table.identity(&Sample::an_integer, {.by_default = true});
    table.index(&Sample::texts).method("gin");
    table.default_to(&Sample::a_boolean, true);
    table.default_to(&Sample::a_double, 0.5);
}

} // namespace hotel
