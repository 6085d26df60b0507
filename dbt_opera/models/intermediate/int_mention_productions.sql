with mentions as (
    select * from {{ ref('int_mentions') }}
),

works as (
    select * from {{ ref('int_works_mentioned') }}
),

evenings as (
    select * from {{ ref('int_mention_evenings') }}
),

directors as (
    select
        mention_id,
        array_agg(distinct performer_id order by performer_id) as director_ids
    from {{ ref('int_credits') }}
    where function = 'director' and not has_nights
    group by mention_id
),

work_keys as (
    select
        works.mention_id,
        works.opera_work_id || case
            when works.extent in ('abridged', 'excerpt', 'adaptation') or mentions.genre = 'children'
                then ':shortened' || coalesce(':' || works.form, '')
            else ''
        end collate "C" as work_key
    from works
    inner join mentions on works.mention_id = mentions.mention_id
),

-- The set of works tells productions apart; a shortened or children's version is another evening
-- than the work.
work_sets as (
    select
        mention_id,
        jsonb_agg(distinct work_key order by work_key)::text as works_key
    from work_keys
    group by mention_id
),

seasons_printed as (
    select
        mention_id,
        company_id,
        split_part(printed, '/', 1)::integer as first_year,
        split_part(printed, '/', 2)::integer as years
    from (
        select
            mention_id,
            company_id,
            {{ printed_season('season') }} as printed
        from mentions
    ) as parsed
    where printed is not null
),

labelled as (
    select
        mention_id,
        company_id,
        case years when 1 then make_date(first_year, 1, 1) else make_date(first_year, 8, 1) end as season_start,
        case years when 1 then make_date(first_year, 12, 31) else make_date(first_year + 1, 7, 31) end as season_end,
        -- Festivals of a split season open in July or close in August.
        case years when 1 then make_date(first_year, 1, 1) else make_date(first_year, 6, 15) end as earliest_date,
        case years when 1 then make_date(first_year, 12, 31) else make_date(first_year + 1, 9, 15) end as latest_date
    from seasons_printed
),

grouped as (
    select
        mentions.mention_id,
        mentions.company_id,
        work_sets.works_key,
        mentions.presentation,
        mentions.scraped_at,
        directors.director_ids,
        labelled.season_start as label_start,
        labelled.season_end as label_end,
        labelled.earliest_date,
        labelled.latest_date,
        coalesce(mentions.premiere_date, mentions.closing_date) as marked_date
    from mentions
    inner join work_sets on mentions.mention_id = work_sets.mention_id
    left join labelled on mentions.mention_id = labelled.mention_id
    left join directors on mentions.mention_id = directors.mention_id
),

dated as (
    select distinct
        grouped.*,
        evenings.performance_date
    from grouped
    inner join evenings on grouped.mention_id = evenings.mention_id
    union all
    select
        grouped.*,
        grouped.marked_date as performance_date
    from grouped
    where
        grouped.marked_date is not null
        and not exists (
            select 1 from evenings
            where evenings.mention_id = grouped.mention_id
        )
),

-- 1. Season. A printed one, if the date can lie in it; else what another page prints for that evening; else the only
--    season this company prints for the date; else August to July.
dated_by_label as (
    select
        *,
        case when performance_date between earliest_date and latest_date then label_start end as own_start,
        case when performance_date between earliest_date and latest_date then label_end end as own_end
    from dated
),

seasons_of_evenings as (
    select
        company_id,
        works_key,
        performance_date,
        min(own_start) as season_start,
        min(own_end) as season_end
    from dated_by_label
    where own_start is not null
    group by company_id, works_key, performance_date
    having count(distinct own_start) = 1
),

company_seasons as (
    select distinct
        company_id,
        season_start,
        season_end
    from labelled
),

seasons_of_dates as (
    select
        unlabelled.company_id,
        unlabelled.performance_date,
        min(company_seasons.season_start) as season_start,
        min(company_seasons.season_end) as season_end
    from (
        select distinct
            company_id,
            performance_date
        from dated_by_label
        where own_start is null
    ) as unlabelled
    inner join company_seasons
        on
            unlabelled.company_id = company_seasons.company_id
            and unlabelled.performance_date between company_seasons.season_start and company_seasons.season_end
    group by unlabelled.company_id, unlabelled.performance_date
    having count(*) = 1
),

seasoned as (
    select
        dated_by_label.mention_id,
        dated_by_label.company_id,
        dated_by_label.works_key,
        dated_by_label.presentation,
        dated_by_label.director_ids,
        dated_by_label.performance_date,
        coalesce(
            dated_by_label.own_start,
            seasons_of_evenings.season_start,
            seasons_of_dates.season_start,
            {{ season_start_of('dated_by_label.performance_date') }}
        ) as season_start,
        coalesce(
            dated_by_label.own_end,
            seasons_of_evenings.season_end,
            seasons_of_dates.season_end,
            ({{ season_start_of('dated_by_label.performance_date') }} + interval '1 year - 1 day')::date
        ) as season_end
    from dated_by_label
    left join seasons_of_evenings
        on
            dated_by_label.company_id = seasons_of_evenings.company_id
            and dated_by_label.works_key = seasons_of_evenings.works_key
            and dated_by_label.performance_date = seasons_of_evenings.performance_date
    left join seasons_of_dates
        on
            dated_by_label.company_id = seasons_of_dates.company_id
            and dated_by_label.performance_date = seasons_of_dates.performance_date
),

undated as (
    select grouped.*
    from grouped
    where
        not exists (
            select 1 from dated
            where dated.mention_id = grouped.mention_id
        )
),

seasons_known as (
    select distinct
        company_id,
        works_key,
        season_start,
        season_end
    from seasoned
    union
    select distinct
        company_id,
        works_key,
        label_start as season_start,
        label_end as season_end
    from undated
    where label_start is not null
),

-- A page of credits without any date joins the season whose evenings stand elsewhere: the only one, else the one that
-- was running or next when the page was read. With neither, its season stays unknown.
undated_seasoned as (
    select
        undated.mention_id,
        undated.company_id,
        undated.works_key,
        undated.presentation,
        undated.director_ids,
        null::date as performance_date,
        coalesce(undated.label_start, nearest.season_start) as season_start,
        coalesce(undated.label_end, nearest.season_end) as season_end
    from undated
    left join lateral (
        select
            seasons_known.season_start,
            seasons_known.season_end
        from seasons_known
        where
            seasons_known.company_id = undated.company_id
            and seasons_known.works_key = undated.works_key
            and (
                seasons_known.season_end >= (undated.scraped_at at time zone 'UTC')::date
                or (
                    select count(*)
                    from seasons_known as others
                    where others.company_id = undated.company_id and others.works_key = undated.works_key
                ) = 1
            )
        order by seasons_known.season_start, seasons_known.season_end
        limit 1
    ) as nearest on true
),

with_season as (
    select * from seasoned
    union all
    select * from undated_seasoned
),

-- 2. Presentation. Where a page is silent: what another says of that evening, else the only one known of that season.
presentations_of_evenings as (
    select
        company_id,
        works_key,
        performance_date,
        min(presentation collate "C") as presentation
    from with_season
    where presentation is not null and performance_date is not null
    group by company_id, works_key, performance_date
    having count(distinct presentation) = 1
),

presentations_of_seasons as (
    select
        company_id,
        works_key,
        season_start,
        min(presentation collate "C") as presentation
    from with_season
    where presentation is not null
    group by company_id, works_key, season_start
    having count(distinct presentation) = 1
),

presented as (
    select
        with_season.mention_id,
        with_season.company_id,
        with_season.works_key,
        with_season.season_start,
        with_season.season_end,
        with_season.performance_date,
        with_season.director_ids,
        coalesce(
            with_season.presentation,
            presentations_of_evenings.presentation,
            presentations_of_seasons.presentation,
            'staged'
        ) as presentation_key
    from with_season
    left join presentations_of_evenings
        on
            with_season.company_id = presentations_of_evenings.company_id
            and with_season.works_key = presentations_of_evenings.works_key
            and with_season.performance_date = presentations_of_evenings.performance_date
    left join presentations_of_seasons
        on
            with_season.company_id = presentations_of_seasons.company_id
            and with_season.works_key = presentations_of_seasons.works_key
            and with_season.season_start is not distinct from presentations_of_seasons.season_start
),

-- 3. Two stagings of one work in one season: two pages name directors that share nobody, and evenings that share no
--    date.
directed as (
    select
        mention_id,
        company_id,
        works_key,
        season_start,
        presentation_key,
        director_ids,
        array_agg(distinct performance_date) as performance_dates
    from presented
    where director_ids is not null and performance_date is not null
    group by mention_id, company_id, works_key, season_start, presentation_key, director_ids
),

contradictions as (
    select distinct
        one.company_id,
        one.works_key,
        one.season_start,
        one.presentation_key
    from directed as one
    inner join directed as other
        on
            one.company_id = other.company_id
            and one.works_key = other.works_key
            and one.season_start = other.season_start
            and one.presentation_key = other.presentation_key
            and one.mention_id < other.mention_id
    where
        not one.director_ids && other.director_ids
        and not one.performance_dates && other.performance_dates
),

discriminated as (
    select
        presented.*,
        contradictions.company_id is not null as is_contradicted,
        case when contradictions.company_id is not null then presented.director_ids[1] end as own_discriminator
    from presented
    left join contradictions
        on
            presented.company_id = contradictions.company_id
            and presented.works_key = contradictions.works_key
            and presented.season_start = contradictions.season_start
            and presented.presentation_key = contradictions.presentation_key
),

discriminators_of_evenings as (
    select
        company_id,
        works_key,
        season_start,
        presentation_key,
        performance_date,
        min(own_discriminator collate "C") as discriminator
    from discriminated
    where own_discriminator is not null and performance_date is not null
    group by company_id, works_key, season_start, presentation_key, performance_date
    having count(distinct own_discriminator) = 1
),

keyed as (
    select
        discriminated.mention_id,
        discriminated.company_id,
        discriminated.works_key,
        discriminated.season_start,
        discriminated.season_end,
        discriminated.presentation_key,
        discriminated.performance_date,
        coalesce(discriminated.own_discriminator, discriminators_of_evenings.discriminator) as discriminator
    from discriminated
    left join discriminators_of_evenings
        on
            discriminated.is_contradicted
            and discriminated.company_id = discriminators_of_evenings.company_id
            and discriminated.works_key = discriminators_of_evenings.works_key
            and discriminated.season_start = discriminators_of_evenings.season_start
            and discriminated.presentation_key = discriminators_of_evenings.presentation_key
            and discriminated.performance_date = discriminators_of_evenings.performance_date
),

identified as (
    select
        *,
        case
            when season_start is not null
                then {{ key('season', ['company_id', 'season_start', 'season_end']) }}
        end as season_id,
        {{ key('production', [
            'company_id', 'season_start', 'season_end', 'works_key', 'presentation_key', 'discriminator'
        ]) }} as production_id
    from keyed
)

select * from identified
