create table t(a int, b int, c int);
create table u(a int primary key, b int unique);
create table w(x int references u, y int references u(b));
-- becomes
create table t(a int, b int, c int, primary key (a,b));
create table u(a int unique, b int primary key);
create table w(x int references u(a), y int references u);
