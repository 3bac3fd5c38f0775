create schema a;
create table a.t(id serial primary key);
create view a.v as select * from a.t;
-- becomes
create schema b;
create table b.t(id serial primary key);
create view b.v as select * from b.t;
create schema a;
create table a.u(t int references b.t);
