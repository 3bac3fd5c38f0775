-- A partition's own index or key that is like the one of the whole table, and is not its part.
create table events(day date, kind int) partition by list (kind);
create index events_idx on events(kind, day desc);
create table joins(day date, kind int);
create index joins_own on joins(kind, day);
create table stays(day date not null, kind int not null, constraint stays_own primary key (kind, day));
-- becomes
create table events(day date, kind int) partition by list (kind);
create index events_idx on events(kind, day desc);
create table joins(day date, kind int);
alter table events attach partition joins for values in (1);
create index joins_own on joins(kind, day);
alter table events add constraint events_key unique (kind, day);
create table stays(day date not null, kind int not null);
alter table events attach partition stays for values in (2);
alter table stays add constraint stays_own primary key (kind, day);
create table made partition of events (primary key (kind, day)) for values in (3);
