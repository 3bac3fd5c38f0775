create type mood as enum ('a', 'b');
create table t(m mood, n mood[], id bigserial);
alter table t alter id drop not null;
-- becomes
create domain mood as text check (value in ('a', 'b'));
create sequence s;
create table t(m mood, n mood[], id bigint not null default nextval('s')) with (fillfactor = 70);
