// What audit(&Audit::m) may stand in for: everything that takes &T::m. Compiled only.
#include <dibs/schema.hpp>

struct User {
    std::int64_t id;
    std::int32_t region;
};
struct Audit {
    std::optional<std::int64_t> by;
    std::int32_t region;
    std::string note;
    std::chrono::sys_seconds at;
};
struct Order {
    std::int64_t id;
    std::int32_t region;
    Audit audit;
    Audit approval;
};

DIBS_TABLE(User, "users") {
    table.primary_key(&User::id);
    table.unique(&User::region, &User::id);
}

DIBS_TABLE(Order, "orders") {
    const auto audit = table.embed(&Order::audit);
    const auto approval = table.embed(&Order::approval);
    approval.prefix("approval_");
    table.primary_key(audit(&Audit::at), &Order::id).name("orders_pk").include(audit(&Audit::note));
    table.unique(&Order::id, approval(&Audit::at)).include(&Order::region, audit(&Audit::region));
    table.foreign_key(audit(&Audit::by)).references(&User::id).on_delete(dibs::Action::set_null);
    table.foreign_key(approval, &Audit::by).references(&User::id);
    table.foreign_key(audit(&Audit::region), audit(&Audit::by)).references(&User::region, &User::id);
    table.foreign_key(&Order::region, approval(&Audit::by)).references(&User::region, &User::id);
    table.foreign_key(approval(&Audit::region), &Order::id).references(&User::region, &User::id);
    table.index(audit(&Audit::by), &Order::id).include(audit(&Audit::at));
    table.index(&Order::id, dibs::desc(audit(&Audit::at)).nulls_last(), dibs::expression("lower(note)"));
    table.index(dibs::element(audit(&Audit::note)).operator_class("text_pattern_ops").collate("C"));
    table.exclude("gist").with(audit(&Audit::region), "=").with(dibs::element(audit(&Audit::at)), "=");
    table.identity(audit(&Audit::region), {.by_default = true});
    table.default_to(audit(&Audit::at), "now()");
    table.default_to(approval(&Audit::region), 7);
    table.generated(approval(&Audit::note), "'none'");
    table.collate(audit(&Audit::note), "C");
    table.comment(audit(&Audit::by), "Who wrote it");
    table.renamed_from(audit(&Audit::at), "written_at");
    table.column(approval(&Audit::by)).name("approver").type("int8").comment("Who agreed");
}
