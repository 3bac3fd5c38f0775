create table t(a int, b int);
create materialized view m as select a, b from t;
create view v as select a from m;
create materialized view m2 as select a from v;
create unique index on m2(a);
create index on m(b);
grant select on m2 to public;
comment on materialized view m2 is 'm2';
-- becomes
create table t(a int, b int);
create materialized view m as select a, b, a+b as c from t;
create view v as select a from m;
create materialized view m2 as select a from v;
create unique index on m2(a);
create index on m(b);
grant select on m2 to public;
comment on materialized view m2 is 'm2';
