create schema "We""ird"; create table "We""ird"."Select" ("a b" int, "user" text, constraint "c'k" check ("a b" > 0));
create index "i x" on "We""ird"."Select" ("user");
-- becomes
create schema "We""ird"; create table "We""ird"."Select" ("a b" bigint primary key, "user" varchar(3), "Ünï" text default E'it\'s \\ x', constraint "c'k" check ("a b" > 1)); create index "i y" on "We""ird"."Select" (lower("user"));comment on column "We""ird"."Select"."Ünï" is E'a\\b''c'; create type "We""ird"."E" as enum ('it''s', 'b\c'); create function "We""ird"."F x"("P" text default 'q') returns text language sql as $$select 'x'::text$$;
