create table t(a int, b text, c int);
create view v as select a, b from t;
create view w as select a from v;
create view x as select b from t;
create recursive view r(n) as select 1 union all select n+1 from r where n < 5;
create view col as select a as one from t;
-- becomes
create table t(a int, b text, d int);
create view v as select a, b, d from t with check option;
create view w as select b as a from v;
create view x with (security_invoker=true) as select b from t;
create recursive view r(n) as select 1 union all select n+1 from r where n < 6;
create view col as select a as two from t;
comment on column col.two is 'c';
alter view v alter b set default 'z';
