create table t(a int primary key, b int not null, c text);
create table u(a int references t on delete cascade, primary key(a));
create view v as select t.a, t.c, count(*) from t group by t.a;
-- becomes
create table t(a int not null, b int, c text, constraint newpk primary key (a) include (c), unique nulls not distinct (b));
create table u(a int references t on delete set null deferrable initially deferred, q int, primary key(q));
create view v as select t.a, t.c, count(*) from t group by t.a;
