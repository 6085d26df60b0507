with recursive names as (
    select * from {{ ref('int_names') }}
),

occurrences as (
    select * from {{ ref('int_name_occurrences') }}
),

companies as (
    select
        id as company_id,
        slug
    from {{ ref('int_companies') }}
),

pairs as (
    select * from {{ ref('int_name_pairs') }}
),

decisions as (
    select * from {{ ref('int_resolution_decisions') }}
    where entity = 'performers'
),

counted as (
    select
        occurrences.company_id,
        names.printed,
        names.position,
        names.name,
        names.name_key,
        names.is_ensemble,
        names.is_of_every_house,
        bool_or(occurrences.page_language in ('hu', 'ja', 'ko', 'vi', 'zh')) as is_family_name_first,
        count(*) as occurrences
    from names
    inner join occurrences on names.printed = occurrences.printed
    group by
        occurrences.company_id,
        names.printed,
        names.position,
        names.name,
        names.name_key,
        names.is_ensemble,
        names.is_of_every_house
),

edges as (
    select
        left_key as one,
        right_key as other,
        decision
    from pairs
    where is_merged
    union all
    select
        right_key as one,
        left_key as other,
        decision
    from pairs
    where is_merged
),

-- All names that one person has, as scores say …
scored as (
    select
        one as name_key,
        one as reached_key
    from edges
    union
    select
        scored.name_key,
        edges.other as reached_key
    from scored
    inner join edges on scored.reached_key = edges.one
),

-- … but where two of them are somebody else's by decision, the names between them prove nothing.
contested as (
    select distinct members.reached_key as name_key
    from pairs
    inner join scored on pairs.left_key = scored.name_key and pairs.right_key = scored.reached_key
    inner join scored as members on pairs.left_key = members.name_key
    where pairs.decision = 'different'
),

kept_edges as (
    select
        edges.one,
        edges.other
    from edges
    left join contested on edges.one = contested.name_key
    where contested.name_key is null or edges.decision = 'same'
),

reached as (
    select
        one as name_key,
        one as reached_key
    from kept_edges
    union
    select
        reached.name_key,
        kept_edges.other as reached_key
    from reached
    inner join kept_edges on reached.reached_key = kept_edges.one
),

groups as (
    select
        name_key,
        min(reached_key collate "C") as group_key
    from reached
    group by name_key
),

frequencies as (
    select
        coalesce(groups.group_key, counted.name_key) as group_key,
        counted.name_key,
        bool_or(counted.is_family_name_first) as is_family_name_first,
        sum(counted.occurrences) as occurrences
    from counted
    left join groups on counted.name_key = groups.name_key
    group by coalesce(groups.group_key, counted.name_key), counted.name_key
),

canonical_keys as (
    select distinct on (group_key)
        group_key,
        name_key as person_key
    from frequencies
    order by group_key, is_family_name_first, occurrences desc, name_key collate "C"
),

resolved as (
    select
        counted.*,
        canonical_keys.person_key
    from counted
    left join groups on counted.name_key = groups.name_key
    inner join canonical_keys on coalesce(groups.group_key, counted.name_key) = canonical_keys.group_key
),

-- Two people of one name: at some companies the name conducts, at others it sings, and at none it does both; or it
-- sings men's parts at some and women's at others, several each.
professions as (
    select
        resolved.person_key,
        occurrences.company_id,
        bool_or(occurrences.function in ('conductor', 'chorus_master', 'assistant_conductor')) as has_conducted,
        bool_or(occurrences.function = 'singer' and occurrences.role_key <> '') as has_sung,
        count(distinct occurrences.role_key) filter (where occurrences.voice = 'high') as high_roles_count,
        count(distinct occurrences.role_key) filter (where occurrences.voice = 'low') as low_roles_count
    from resolved
    inner join occurrences
        on resolved.printed = occurrences.printed and resolved.company_id = occurrences.company_id
    where not resolved.is_ensemble
    group by resolved.person_key, occurrences.company_id
),

namesakes as (
    select
        person_key,
        case
            when bool_or(has_conducted) and bool_or(has_sung) and not bool_or(has_conducted and has_sung)
                then 'conductor'
            else 'low voice'
        end as namesake
    from professions
    group by person_key
    having
        (bool_or(has_conducted) and bool_or(has_sung) and not bool_or(has_conducted and has_sung))
        or (
            sum(high_roles_count) > 1
            and sum(low_roles_count) > 1
            and not bool_or(high_roles_count > 0 and low_roles_count > 0)
        )
),

apart as (
    select
        professions.person_key,
        professions.company_id,
        namesakes.namesake
    from professions
    inner join namesakes on professions.person_key = namesakes.person_key
    left join decisions
        on
            professions.person_key = decisions.left_key
            and namesakes.person_key || ' ' || namesakes.namesake = decisions.right_key
            and decisions.decision = 'same'
    where
        decisions.left_key is null
        and case
            when namesakes.namesake = 'conductor' then professions.has_conducted
            else professions.low_roles_count > 0
        end
),

-- The spelling shown: of the canonical word order, not in capitals, the most frequent.
spellings as (
    select distinct on (person_key)
        person_key,
        name
    from (
        select
            person_key,
            name,
            name_key = person_key as is_canonical,
            sum(occurrences) as occurrences
        from resolved
        group by person_key, name, name_key
    ) as spelled
    order by
        person_key, is_canonical desc, (name collate "C" !~ '[a-z]'), occurrences desc, name collate "C"
),

scores as (
    select
        canonical_keys.person_key,
        min(pairs.score) as score
    from pairs
    inner join groups on pairs.left_key = groups.name_key
    inner join groups as others on pairs.right_key = others.name_key and groups.group_key = others.group_key
    inner join canonical_keys on groups.group_key = canonical_keys.group_key
    where pairs.is_merged
    group by canonical_keys.person_key
),

variants as (
    select
        person_key,
        count(distinct printed) as printed_count
    from resolved
    group by person_key
),

distinguished as (
    select
        resolved.*,
        case when resolved.is_of_every_house then companies.slug else apart.namesake end as namesake
    from resolved
    inner join companies on resolved.company_id = companies.company_id
    left join apart on resolved.person_key = apart.person_key and resolved.company_id = apart.company_id
),

identified as (
    select
        distinguished.company_id,
        distinguished.printed,
        distinguished.position,
        case
            when distinguished.namesake is null then {{ key('performer', ['distinguished.person_key']) }}
            else {{ key('performer', ['distinguished.person_key', 'distinguished.namesake']) }}
        end as performer_id,
        concat_ws(' ', distinguished.person_key, distinguished.namesake) as person_key,
        spellings.name,
        distinguished.is_ensemble,
        case when not distinguished.is_ensemble then distinguished.namesake end as namesake,
        case when variants.printed_count > 1 then 'normalised' else 'provisional' end as resolution,
        coalesce(scores.score, 0.90)::numeric(3, 2) as resolution_score
    from distinguished
    inner join spellings on distinguished.person_key = spellings.person_key
    inner join variants on distinguished.person_key = variants.person_key
    left join scores on distinguished.person_key = scores.person_key
)

select * from identified
