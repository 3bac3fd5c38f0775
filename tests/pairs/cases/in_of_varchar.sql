create table letter(kind varchar(9), weight int);
-- becomes
create domain size as varchar(4) check (value in ('s', 'm', 'l'));
create table letter(kind varchar(9) check (kind in ('a', 'b')), weight int, size size,
    constraint neither check (kind not in ('it''s', '))::text[]') or kind is null),
    express bool generated always as (kind in ('b', 'c')) stored);
create index by_weight on letter(weight) where kind in ('a', 'b');
create view express as select kind in ('x', 'y') as odd from letter where kind in ('b', 'c');
create policy common on letter using (kind in ('a'));
