-- not supported
create table p(a int, b int); create table c() inherits (p); create table d() inherits (p);
-- becomes
create table p(a int); create table c(b int) inherits (p); create table d() inherits (p);
