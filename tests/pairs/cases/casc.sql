create table t(a int primary key);
create view v1 as select * from t;
create view v2 as select * from v1;
create view v3 as select * from v2;
create function f() returns setof v3 language sql as 'select * from v3';
create view v4 as select * from f();
create index ti on t(a);
-- becomes
create table t(b int, a text primary key);
create view v1 as select * from t;
create view v2 as select * from v1;
create view v3 as select * from v2;
create function f() returns setof v3 language sql as 'select * from v3';
create view v4 as select * from f();
